"""Tortoise's configuration: for the models' queries, and for Aerich, which writes and applies the migrations.

``TORTOISE_ORM`` is at module level because Aerich's own command reads it there.
"""

from __future__ import annotations

from typing import Any

from hub.config import load
from hub.store.pool import COMMAND_SECONDS
from hub.store.postgres import Connector


def tortoise_config(
    database_url: str, *, pool_size: int, prepared: bool = True, migrating: bool = False, **connecting: Any
) -> dict[str, Any]:
    """Tortoise's configuration for one database. ``connecting`` goes to hub.store.postgres, which alone reads the
    URL. ``migrating`` adds Aerich's own model, and with it the whole of Aerich, which no other program needs."""
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {  # what is not Tortoise's own goes to asyncpg.create_pool
                    "connect": Connector(database_url, prepared=prepared, **connecting),
                    "minsize": 1,
                    "maxsize": pool_size,
                    "command_timeout": COMMAND_SECONDS,
                },
            }
        },
        "apps": {
            "models": {
                "models": ["models", "aerich.models"] if migrating else ["models"],
                "default_connection": "default",
                "migrations": "migrations.models",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def __getattr__(name: str) -> Any:
    """``TORTOISE_ORM``, for Aerich's own command: made when it is asked for, as a wrong URL must not stop an import."""
    if name != "TORTOISE_ORM":
        raise AttributeError(name)
    settings = load(need=("DATABASE_URL",))
    url, prepared = settings.migration_database_url, settings.prepared_statements
    return tortoise_config(url, pool_size=2, prepared=prepared, migrating=True)
