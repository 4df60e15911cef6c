"""Whatever writes in a process that serves takes its turn first: read from the code.

Who waits for the lock of an account's row holds a connection meanwhile, so one guest over many connections would hold
all of them. A new verb that goes to the database by itself fails here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.servers import CHECKOUT

COMMAND = "a command's process, which serves nobody"
SWEEP = "the keeper of a process, one at a time"
PASSES = {
    "hub/store/write_queue.py::transact": "it is the turn",
    "hub/store/write_queue.py::write": "it is the turn",
    "hub/store/commit.py::commit": "hub.views.group_commit has its own queue for it, with the same bounds",
    "hub/views/batch_commit.py::_round": "the same",
    "hub/store/keys.py::find_out": "no row of an account: a key that another holds is not waited for",
    "hub/store/keys.py::keep_refusal": "the same",
    "hub/store/account_tokens.py::issue": "the worker's process",
    "hub/store/accounts.py::enable": COMMAND,
    "hub/commands/staff.py::create_user": COMMAND,
    "hub/commands/staff.py::set_password": COMMAND,
    "hub/commands/staff.py::_end": COMMAND,
    "hub/commands/venues.py::add": COMMAND,
    "hub/commands/venues.py::retire": COMMAND,
    "hub/commands/venues.py::set_member": COMMAND,
    "hub/store/main_venue.py::write": "at the start, before anybody is served",
    "hub/store/waitlist_retention.py::forget_who_left": "the keeper, which skips rows that others hold",
    "hub/store/retention.py::forget_expired_keys": SWEEP,
    "hub/store/retention.py::forget_notes": SWEEP,
    "hub/store/retention.py::_alone": "the worker's process",
}
"""What passes the queue by, and why."""
ELSEWHERE = (
    "hub/store/database.py",
    "hub/store/outbox.py",
    "hub/commands/stranded.py",
    "hub/store/stranded.py",
    "hub/process/",
)
"""The place itself; what the worker's process does; what is done at a start, before anybody is served."""


def direct() -> Iterator[str]:
    """Functions that call database.transact or database.write, or name them, by file."""
    for path in sorted((CHECKOUT / "hub").rglob("*.py")):
        name = path.relative_to(CHECKOUT).as_posix()
        if name.startswith(ELSEWHERE):
            continue
        tree = ast.parse(path.read_text())
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Attribute)
                    and node.attr in ("transact", "write", "take", "pool")
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "database"
                ):
                    yield f"{name}::{function.name}"


def test_every_write_of_a_request_takes_its_turn() -> None:
    assert sorted(set(direct())) == sorted(PASSES)
