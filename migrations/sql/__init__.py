"""The database's functions, each in a file of its own; migrations load them."""

from importlib.resources import files


def read(name: str) -> str:
    """The text of ``name``.sql."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
