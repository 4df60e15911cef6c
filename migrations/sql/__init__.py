"""The database's functions, each in a file of its own; migrations load them."""

from importlib.resources import files


def read(name: str) -> str:
    """The text of ``name``.sql."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


FUNCTIONS = (
    "hub_epoch", "hub_stream", "hub_append", "hub_end_sessions", "hub_entry", "hub_within_bounds", "hub_guest",
    "hub_refuse_change", "hub_too_many_mails", "hub_enqueue", "hub_enqueue_link", "hub_parties_of_table", "hub_write",
    "hub_keys", "hub_count_revision", "hub_write_changes", "hub_commit",
)  # fmt: skip
"""What each file's functions use stands before them. A migration that changes one loads all of them anew."""


def functions() -> str:
    """Every function as it is now. They replace those that are there."""
    return "".join(map(read, FUNCTIONS))
