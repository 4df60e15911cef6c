"""The `hub` command: reads its arguments and the settings, calls one function, turns errors into one line.

A new command is a function here of at most a few lines. What it needs is imported in it: a command should not wait for
the parts of another one, nor keep them in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from hub import config, log_writer
from hub.domain.roles import OF_MEMBERS
from hub.process import print_cli, venue_cli
from hub.variables import ConfigError

T = TypeVar("T")

ROLES = ("user", "host", "admin")
SERVING = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
"""Variables that must be set where requests are answered."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0, 1 for what went wrong, 2 for a wrong argument or setting."""
    log_writer.open_missing_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = (_parser_of_serve_one() if given[:1] == ["serve-one"] else _parser()).parse_args(given)
    for name in ("host", "port", "workers"):  # an argument is a variable for this once, so that every part gets it
        if getattr(options, name, None) is not None:
            os.environ[name.upper()] = str(getattr(options, name))
    try:
        sys.exit(options.run(options))
    except ConfigError as error:
        print(f"hub: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hub", description="A real-time booking hub for a restaurant.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data-dir", type=Path, default=Path(".hub"), metavar="DIR", help="where data and settings are kept (.hub)"
    )
    listening = argparse.ArgumentParser(add_help=False)
    listening.add_argument("--host", metavar="H", help="address to listen on (127.0.0.1, or HOST)")
    listening.add_argument("--port", metavar="N", help="port to listen on (8000, or PORT)")
    listening.add_argument("--workers", metavar="N", help="processes that answer (one a core, or WORKERS)")

    def add(name: str, run: Any, text: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, parents=[shared, *parents], help=text, description=f"{text[0].upper()}{text[1:]}."
        )
        command.set_defaults(run=run)
        return command

    up = add("up", _up, "run everything on this machine, with servers of its own where none are named", listening)
    up.add_argument("--empty", action="store_true", help="make no demo accounts")
    up.add_argument("--logs", action="store_true", help="show the log on the terminal, and not in DIR/run/hub.log")
    add("serve", _serve, "run the hub alone: REST, pages and the live channel", listening)
    add("worker", _worker, "run a worker, which sends the mail")
    add("migrate", _migrate, "bring the database up to date; may be run at any time")
    create = add("create-user", _create_user, "make an account, or change its role, name, phone or password")
    create.add_argument("email", metavar="EMAIL", help="the address that it logs in with")
    create.add_argument(
        "--role", choices=tuple(dict.fromkeys((*ROLES, *OF_MEMBERS))), required=True,
        help=f"{', '.join(ROLES[:-1])} or {ROLES[-1]}; with --venue {', '.join(OF_MEMBERS[:-1])} or {OF_MEMBERS[-1]}",
    )  # fmt: skip
    create.add_argument("--venue", metavar="SLUG", help="the role is of this venue, and the account's own stays")
    create.add_argument("--name", help="the name that hosts see")
    create.add_argument("--phone", help="the phone number that hosts see")
    accounts = add("users", _users, "list accounts, disable or enable one, end its sessions, or set its password")
    accounts.add_argument("action", choices=("list", "disable", "enable", "end-sessions", "set-password"))
    accounts.add_argument("email", nargs="?", metavar="EMAIL", help="the account's address; none with list")
    venue_cli.add_arguments(add("venue", _venue, "list, add and retire venues, and say who works in them"))
    print_cli.add_arguments(add("print", _print, "write a service day as a page to print"))
    add("openapi", _openapi, "print the OpenAPI document of the REST interface")
    add("asyncapi", _asyncapi, "print the AsyncAPI document of the live channel")
    add("new-epoch", _new_epoch, "make every client load everything anew; needed after a restore")
    mails = add("deliveries", _deliveries, "list the mails that wait or failed, or have them sent again")
    mails.add_argument("action", nargs="?", choices=("retry",), help="send again what failed")
    mails.add_argument("id", nargs="?", type=int, metavar="ID", help="the number of one mail, with retry")
    mails.add_argument("--failed", action="store_true", help="list failed mails only; with retry: all of them")
    add("doctor", _doctor, "check the settings and the servers, and say what to do about what is wrong")
    return parser


def _parser_of_serve_one() -> argparse.ArgumentParser:
    """`hub serve-one`, which `hub serve` alone starts. It has its own parser, so that no help and no error names it."""
    parser = argparse.ArgumentParser(prog="hub")
    parser.add_argument("command")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--fd", type=int, required=True)
    parser.set_defaults(run=_serve_one)
    return parser


def _load(data_dir: Path, *need: str) -> config.Settings:
    """The settings, after a line for each variable that has no use any more."""
    settings = config.load(data_dir=data_dir.resolve(), need=need)
    for name in settings.obsolete:
        print(f"hub: {name} has no use here and is ignored", file=sys.stderr)
    return settings


def _up(options: argparse.Namespace) -> NoReturn:
    from hub.process import signals
    from hub.process.up import up

    _load(options.data_dir)
    signals.leave(up(options.data_dir, os.environ, empty=options.empty, show_logs=options.logs))


def _serve(options: argparse.Namespace) -> NoReturn:
    from hub.process import signals
    from hub.process.serve import serve

    signals.leave(serve(_load(options.data_dir, *SERVING)))


def _serve_one(options: argparse.Namespace) -> NoReturn:
    from hub.process import signals
    from hub.process.serve_one import serve_one

    signals.leave(serve_one(config.load(data_dir=options.data_dir, need=SERVING), options.fd))


def _worker(options: argparse.Namespace) -> int:
    _load(options.data_dir, "DATABASE_URL", "REDIS_URL")
    command = [sys.executable, "-m", "workers", "--data-dir", str(options.data_dir.resolve())]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter and module


def _migrate(options: argparse.Namespace) -> int:
    from hub.process import datadir

    settings = _load(options.data_dir, "DATABASE_URL")
    datadir.make_secret_key(options.data_dir.resolve(), os.environ)
    import asyncpg

    from hub import logs
    from hub.errors import HubError
    from hub.store import migration
    from hub.store.roles import RoleError

    try:
        applied = asyncio.run(migration.migrate(settings))
    except (
        *(HubError, RoleError, migration.SlugInUse, OSError, TimeoutError),
        *(asyncpg.PostgresError, asyncpg.InterfaceError),
    ) as error:
        what = logs.masked(str(error)) or type(error).__name__
        print(f"hub: the database can't be migrated: {what}", file=sys.stderr)
        return 1
    print("\n".join(applied) if applied else "up to date")
    return 0


def _ask_password(prompt: str) -> str:
    """From the terminal without showing it, or the first line of standard input."""
    import getpass

    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _with_database(settings: config.Settings, work: Callable[[config.Settings], Coroutine[Any, Any, T]]) -> T | None:
    """Run ``work`` with an open database and the settings as the hub has them, after a line for each variable that is
    set otherwise here; None after one line that says what went wrong."""
    from hub.errors import HubError
    from hub.store import database, main_venue

    async def run() -> T:
        await database.connect(settings, pool_size=1)
        try:
            served = await main_venue.as_served(settings)
            for line in main_venue.overruled(settings, served):
                print(f"hub: {line}", file=sys.stderr)
            return await work(served)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except (HubError, ValueError, OSError) as error:
        print(f"hub: {error}", file=sys.stderr)
        return None


def _create_user(options: argparse.Namespace) -> int:
    given, accepted = ("without", ROLES) if options.venue is None else ("with", OF_MEMBERS)
    if options.role not in accepted:
        print(f"hub: {given} --venue the role is one of {', '.join(accepted)}", file=sys.stderr)
        return 2
    settings = _load(options.data_dir, "DATABASE_URL")
    password = _ask_password("Password (empty: keep the present one): ")
    from hub.commands import staff

    done = _with_database(
        settings,
        lambda settings: staff.create_user(
            settings,
            email=options.email,
            role=options.role,
            password=password or None,
            name=options.name,
            phone=options.phone,
            venue=options.venue,
        ),
    )
    if done is None:
        return 1
    made, counts = done
    role = options.role if options.venue is None else f"{options.role} of {options.venue}"
    what = "made" if made else "changed"
    print(f"{options.email}: {role}, {what}{venue_cli.note_of_more(options.role, counts)}")
    return 0


def _users(options: argparse.Namespace) -> int:
    if (options.action == "list") != (options.email is None):
        print(f"hub: users {options.action} takes {'no EMAIL' if options.email else 'an EMAIL'}", file=sys.stderr)
        return 2
    settings = _load(options.data_dir, "DATABASE_URL")
    password = _ask_password("New password: ") if options.action == "set-password" else ""
    from hub.commands import staff

    async def work(settings: config.Settings) -> list[str]:
        if options.action == "list":
            return await staff.listed(settings.rules.zone)
        if options.action == "enable":
            await staff.enable(email=options.email)
            return [f"{options.email}: enabled"]
        if options.action == "set-password":
            await staff.set_password(settings, email=options.email, password=password)
            return [f"{options.email}: the password is changed, and every session has ended"]
        ends = staff.disable if options.action == "disable" else staff.end_all_sessions
        ended = await ends(email=options.email)
        return [f"{options.email}: {'disabled, ' if options.action == 'disable' else ''}sessions ended: {ended}"]

    lines = _with_database(settings, work)
    if lines is None:
        return 1
    print("\n".join(lines) or "none")
    return 0


def _venue(options: argparse.Namespace) -> int:
    return venue_cli.run(options, _load(options.data_dir, "DATABASE_URL"), _with_database)


def _openapi(options: argparse.Namespace) -> int:
    import orjson

    from hub.rest import openapi

    # The document is the same for everybody, so it needs no database and no key of one's own.
    sys.stdout.buffer.write(orjson.dumps(openapi.document(), option=orjson.OPT_INDENT_2) + b"\n")
    return 0


def _print(options: argparse.Namespace) -> int:
    return print_cli.run(options, _load(options.data_dir, "DATABASE_URL"), _with_database)


def _asyncapi(options: argparse.Namespace) -> int:
    import orjson

    from hub.live import asyncapi

    sys.stdout.buffer.write(orjson.dumps(asyncapi.document(), option=orjson.OPT_INDENT_2) + b"\n")
    return 0


def _new_epoch(options: argparse.Namespace) -> int:
    settings = _load(options.data_dir, "DATABASE_URL")
    from hub.errors import HubError
    from hub.store import epochs

    try:
        epoch = asyncio.run(epochs.renew(settings))
    except HubError as error:
        print(f"hub: {error}", file=sys.stderr)
        return 1
    print(epoch)
    return 0


def _deliveries(options: argparse.Namespace) -> int:
    if options.action == "retry" and (options.id is None) == (not options.failed):
        print("hub: deliveries retry takes an ID, or --failed", file=sys.stderr)
        return 2
    settings = _load(options.data_dir, "DATABASE_URL")
    from hub.store import outbox

    async def work(settings: config.Settings) -> list[str]:
        if options.action is None:
            rows = await outbox.unsent(failed=options.failed)
            return [outbox.line(row, settings.rules.zone) for row in rows]
        again = await outbox.retry("failed" if options.failed else options.id)
        return [f"{delivery}: due again" for delivery in again]

    lines = _with_database(settings, work)
    if lines is None:
        return 1
    print("\n".join(lines) if lines else "none")
    return 0 if lines or options.action is None or options.failed else 1


def _doctor(options: argparse.Namespace) -> NoReturn:
    from hub.process import doctor

    doctor.run(os.environ, options.data_dir.resolve())


if __name__ == "__main__":
    main()
