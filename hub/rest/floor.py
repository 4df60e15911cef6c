"""/admin/tables, /admin/areas and /admin/combinations: what a manager does with the floor."""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse

from hub.commands import areas, combinations, floor
from hub.commands.floor import Answered
from hub.domain.floor import Place
from hub.errors import CombinationInvalid, NameTaken, NotFound, TableInUse, TooManyRequests
from hub.rest import floor_answers as answers
from hub.rest import floor_bodies as bodies
from hub.rest import serializers
from hub.rest.conditions import headers
from hub.rest.endpoint import MANAGER, AppState, Endpoint, RequestContext, answer, empty
from hub.rest.repeats import COMMIT


def _show(found: Answered[Any], status: int = 200) -> HTTPResponse:
    shown = serializers.of_floor(found.item)
    return answer(shown, status, headers(found.item.revision, replayed=found.replayed))


def _gone(removed: Answered[Any]) -> HTTPResponse:
    return empty(headers=headers(removed.item.revision, replayed=removed.replayed))


def _wanted(ctx: RequestContext) -> dict[str, Any]:
    """The fields that were sent."""
    wanted = {name: getattr(ctx.body, name) for name in ctx.body.model_fields_set}
    if wanted.get("place") is not None:
        wanted["place"] = Place(**wanted["place"].model_dump())
    return wanted


async def list_tables(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return answer({"items": [serializers.table(each) for each in await floor.list_tables(ctx.context)]})


async def add_table(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(await floor.add_table(ctx.context, ctx.call, **_wanted(ctx)), 201)


async def change_table(state: AppState, ctx: RequestContext) -> HTTPResponse:
    clamp = ctx.query.clamp is not None
    return _show(await floor.change_table(ctx.context, ctx.call, ctx.ids[0], clamp=clamp, **_wanted(ctx)))


async def remove_table(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _gone(await floor.remove_table(ctx.context, ctx.call, ctx.ids[0]))


async def list_areas(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return answer({"items": [serializers.area(each) for each in await areas.list_areas(ctx.context)]})


async def add_area(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(await areas.add_area(ctx.context, ctx.call, **_wanted(ctx)), 201)


async def change_area(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(await areas.change_area(ctx.context, ctx.call, ctx.ids[0], **_wanted(ctx)))


async def remove_area(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _gone(await areas.remove_area(ctx.context, ctx.call, ctx.ids[0]))


async def list_combinations(state: AppState, ctx: RequestContext) -> HTTPResponse:
    found = await combinations.list_combinations(ctx.context)
    return answer({"items": [serializers.combination(each) for each in found]})


async def add_combination(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(await combinations.add_combination(ctx.context, ctx.call, **_wanted(ctx)), 201)


async def change_combination(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _show(await combinations.change_combination(ctx.context, ctx.call, ctx.ids[0], **_wanted(ctx)))


async def remove_combination(state: AppState, ctx: RequestContext) -> HTTPResponse:
    return _gone(await combinations.remove_combination(ctx.context, ctx.call, ctx.ids[0]))


async def present_table(ctx: RequestContext) -> Any:
    return await floor.read(ctx.context, "tables", ctx.ids[0])


async def present_area(ctx: RequestContext) -> Any:
    return await floor.read(ctx.context, "areas", ctx.ids[0])


async def present_combination(ctx: RequestContext) -> Any:
    return await floor.read(ctx.context, "combinations", ctx.ids[0])


TABLE, AREA = "/admin/tables/<table_id:str>", "/admin/areas/<area_id:str>"
COMBINATION = "/admin/combinations/<combination_id:str>"
ENDPOINTS = [
    Endpoint(
        "GET", "/admin/tables", "list_tables", "All tables", list_tables, who=MANAGER, tag="admin",
        answers={200: answers.TablesAnswer},
    ),
    Endpoint(
        "POST", "/admin/tables", "add_table", "Add a table", add_table, who=MANAGER, tag="admin",
        body=bodies.NewTable, answers={201: answers.AdminTable}, codes=(NotFound, NameTaken, TooManyRequests),
        keyed=COMMIT,
    ),
    Endpoint(
        "PATCH", TABLE, "change_table", "Change a table's name, seats, area or place", change_table, who=MANAGER,
        tag="admin", body=bodies.TableChange, query=bodies.TableChangeQuery, answers={200: answers.AdminTable},
        codes=(NotFound, NameTaken, TableInUse, CombinationInvalid, TooManyRequests),
        keyed=COMMIT, present=present_table,
    ),
    Endpoint(
        "DELETE", TABLE, "remove_table", "Remove a table, and the combinations with it", remove_table, who=MANAGER,
        tag="admin", answers={204: None}, codes=(NotFound, TableInUse, TooManyRequests),
        keyed=COMMIT, present=present_table,
    ),
    Endpoint(
        "GET", "/admin/areas", "list_areas", "All areas", list_areas, who=MANAGER, tag="admin",
        answers={200: answers.Areas},
    ),
    Endpoint(
        "POST", "/admin/areas", "add_area", "Add an area", add_area, who=MANAGER, tag="admin",
        body=bodies.NewArea, answers={201: answers.AreaAnswer}, codes=(NameTaken, TooManyRequests), keyed=COMMIT,
    ),
    Endpoint(
        "PATCH", AREA, "change_area", "Rename an area or change its rank", change_area, who=MANAGER, tag="admin",
        body=bodies.AreaChange, answers={200: answers.AreaAnswer}, codes=(NotFound, NameTaken, TooManyRequests),
        keyed=COMMIT, present=present_area,
    ),
    Endpoint(
        "DELETE", AREA, "remove_area", "Remove an area in which no table stands", remove_area, who=MANAGER,
        tag="admin", answers={204: None}, codes=(NotFound, TableInUse, TooManyRequests),
        keyed=COMMIT, present=present_area,
    ),
    Endpoint(
        "GET", "/admin/combinations", "list_combinations", "All combinations", list_combinations, who=MANAGER,
        tag="admin", answers={200: answers.Combinations},
    ),
    Endpoint(
        "POST", "/admin/combinations", "add_combination", "Declare that tables are pushed together", add_combination,
        who=MANAGER, tag="admin", body=bodies.NewCombination, answers={201: answers.CombinationAnswer},
        codes=(CombinationInvalid, TooManyRequests), keyed=COMMIT,
    ),
    Endpoint(
        "PATCH", COMBINATION, "change_combination", "Change a combination", change_combination, who=MANAGER,
        tag="admin", body=bodies.CombinationPatch, answers={200: answers.CombinationAnswer},
        codes=(NotFound, CombinationInvalid, TooManyRequests),
        keyed=COMMIT, present=present_combination,
    ),
    Endpoint(
        "DELETE", COMBINATION, "remove_combination", "Remove a combination", remove_combination, who=MANAGER,
        tag="admin", answers={204: None}, codes=(NotFound, TooManyRequests),
        keyed=COMMIT, present=present_combination,
    ),
]  # fmt: skip
