"""A restaurant whose room tests lay out themselves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import httpx

from tests.servers import Account, HubServer

number = itertools.count(1)
"""For names of areas and tables, of which there may be one of each."""


@dataclass(frozen=True, slots=True)
class House:
    hub: HubServer
    admin: Account
    guest: Account

    async def make(self, what: str, **body: Any) -> dict[str, Any]:
        answer = await self.admin.client.post(f"/admin/{what}", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def table(self, seats: int, **more: Any) -> int:
        return int((await self.make("tables", name=f"Table {next(number)}", seats=seats, **more))["id"])

    async def area(self) -> int:
        return int((await self.make("areas", name=f"Area {next(number)}"))["id"])

    async def room(self, *seats: int) -> tuple[int, list[int]]:
        """A new area with tables of so many seats."""
        area = await self.area()
        return area, [await self.table(each, area_id=area) for each in seats]

    async def combination(self, tables: list[int], least: int, most: int, **more: Any) -> int:
        made = await self.make("combinations", table_ids=tables, min_guests=least, max_guests=most, **more)
        return int(made["id"])

    async def change(self, path: str, **body: Any) -> httpx.Response:
        return await self.admin.client.patch(f"/admin/{path}", json=body)

    async def remove(self, path: str) -> httpx.Response:
        return await self.admin.client.delete(f"/admin/{path}")

    async def listed(self, what: str) -> dict[int, dict[str, Any]]:
        return {each["id"]: each for each in (await self.admin.client.get(f"/admin/{what}")).json()["items"]}
