"""The models as Aerich keeps them with each migration: for one that changes none, the state of the one before."""

from importlib import import_module
from pathlib import Path


def before(file: str) -> str:
    """MODELS_STATE of the last migration before this file's, by number."""
    own = _number(Path(file))
    name = max((path for path in Path(file).parent.glob("[0-9]*.py") if _number(path) < own), key=_number).stem
    state: str = import_module(f"migrations.models.{name}").MODELS_STATE
    return state


def _number(path: Path) -> int:
    return int(path.name.partition("_")[0])
