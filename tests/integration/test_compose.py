"""docker-compose.yml as Compose reads it, and the step that makes its passwords. No engine runs here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import stat
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import jsonschema
import pytest
import yaml
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, ConnectionError

from hub.process import doctor, embedded, serve
from hub.store import migration
from tests.conftest import make_settings
from tests.servers import CHECKOUT, PATIENCE, QUICK, free_port

COMPOSE = CHECKOUT / "docker-compose.yml"
SCHEMA = Path("/usr/lib/python3/dist-packages/compose/config/compose_spec.json")
ONCE = {"keys", "migrate"}
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?@sha256:[0-9a-f]{64}")
"""An exact version, and the digest without which a registry could give another image of that name."""
ACCOUNTS = {
    "keys/hub/pgpass": 10001,
    "keys/hub/redis-password": 10001,
    "keys/hub/metrics-token": 10001,
    "keys/valkey/password": 999,
    "keys/valkey/valkey.conf": 999,
    "keys/grafana/password": 472,
    "keys/prometheus/metrics-token": 65534,
    "owner/postgres/password": 999,
    "owner/postgres/owner-password": 999,
    "owner/postgres/serving-password": 999,
    "owner/migrate/pgpass": 10001,
}

GIVEN = """
DATABASE_URL=postgresql://other:pw@elsewhere/hub
MIGRATION_DATABASE_URL=postgresql://owner:pw@elsewhere/hub
DOMAIN=book.example.com
PUBLISH=0.0.0.0
PORT=80
TLS_PORT=443
WORKERS=5
"""


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="docker-compose's schema is not installed")
def test_file_fits_the_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator(schema).validate(yaml.safe_load(COMPOSE.read_text()))
    broken = yaml.safe_load(COMPOSE.read_text())
    broken["services"]["caddy"]["port"] = broken["services"]["caddy"].pop("ports")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(broken)


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("given", ["", GIVEN])
def test_copy_of_the_example_is_all_that_compose_needs(tmp_path: Path, given: str) -> None:
    shutil.copy(COMPOSE, tmp_path)
    (tmp_path / ".env").write_text((CHECKOUT / ".env.example").read_text() + given)
    result = subprocess.run(
        ["docker-compose", "config"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (0, "")  # nothing is unset, nothing unknown
    resolved = yaml.safe_load(result.stdout)["services"]
    told = resolved["hub"]["environment"]
    assert (told["HOST"], str(told["PORT"]), told["RESTAURANT_TIMEZONE"]) == ("0.0.0.0", "8000", "UTC")
    published = [str(port) for port in resolved["caddy"]["ports"]]
    owner = resolved["migrate"]["environment"]["MIGRATION_DATABASE_URL"]
    assert told["MIGRATION_DATABASE_URL"] == "" and "ports" not in resolved["hub"]
    if given:
        assert told["DATABASE_URL"] == "postgresql://other:pw@elsewhere/hub"
        assert owner == "postgresql://owner:pw@elsewhere/hub"
        assert str(told["WORKERS"]) == "5"
        assert resolved["caddy"]["environment"]["DOMAIN"] == "book.example.com"
        assert published == ["0.0.0.0:80:80/tcp", "0.0.0.0:443:443/tcp"]
    else:
        assert told["DATABASE_URL"] == "postgresql://hub_app@postgres:5432/hub"
        assert owner == "postgresql://hub@postgres:5432/hub"
        assert str(told["WORKERS"]) == "2"
        assert resolved["caddy"]["environment"]["DOMAIN"] == ":80"
        assert published == ["127.0.0.1:8000:80/tcp", "127.0.0.1:8443:443/tcp"]


def test_guests_come_in_by_the_proxy_alone(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {
        "caddy": ["${PUBLISH:-127.0.0.1}:${PORT:-8000}:80", "${PUBLISH:-127.0.0.1}:${TLS_PORT:-8443}:443"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_data_is_reached_by_those_who_need_it(services: dict[str, dict[str, Any]]) -> None:
    networks = yaml.safe_load(COMPOSE.read_text())["networks"]
    assert networks["data"]["internal"] is True
    inside = {name for name, service in services.items() if "data" in service.get("networks", [])}
    assert inside == {"postgres", "redis", "migrate", "hub", "worker"}
    assert services["postgres"]["networks"] == services["redis"]["networks"] == ["data"]
    assert services["keys"]["network_mode"] == "none"


def test_hub_believes_the_proxy_and_nobody_else(services: dict[str, dict[str, Any]]) -> None:
    edge = yaml.safe_load(COMPOSE.read_text())["networks"]["edge"]
    assert edge["internal"] is True
    assert {name for name, service in services.items() if "edge" in service.get("networks", [])} == {"hub", "caddy"}
    told = services["hub"]["environment"]
    assert [{"subnet": told["TRUSTED_PROXIES"]}] == edge["ipam"]["config"] and told["PROXIES_COUNT"] == "1"


def test_owners_passwords_are_seen_by_postgresql_and_the_migration_alone(services: dict[str, dict[str, Any]]) -> None:
    seen = {name for name, each in services.items() if any(v.startswith("owner:") for v in each.get("volumes", []))}
    assert seen == {"keys", "postgres", "migrate"}


def test_every_service_is_locked_bounded_and_pinned(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["image"] == "booking-hub" or PINNED.fullmatch(service["image"]), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert service["logging"]["options"]["max-size"] and service["mem_limit"], name
    assert [name for name, service in services.items() if "build" in service] == ["migrate"]
    assert {name for name, service in services.items() if "cap_add" in service} == {"keys", "caddy"}


def test_each_waits_for_what_it_needs(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if service.get("restart") == "no"} == ONCE
    of_the_image = re.search("^HEALTHCHECK", (CHECKOUT / "Dockerfile").read_text(), flags=re.MULTILINE)
    for name, service in services.items():
        if name in ONCE:
            assert service["healthcheck"] == {"disable": True}, name
        elif name != "hub":
            assert service["healthcheck"]["test"][0] == "CMD", name
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in ONCE else "service_healthy"
            assert how == {"condition": wanted}, (name, needed)
    assert of_the_image
    for name in ("hub", "worker"):
        assert set(services[name]["depends_on"]) == {"migrate", "postgres", "redis"}


def test_hub_has_longer_to_end_than_it_takes(services: dict[str, dict[str, Any]]) -> None:
    grace = timedelta(seconds=int(services["hub"]["stop_grace_period"].removesuffix("s")))
    assert grace > timedelta(seconds=serve.END_SECONDS)
    assert services["hub"]["init"] is True


def test_what_is_mounted_exists(services: dict[str, dict[str, Any]]) -> None:
    kept = set(yaml.safe_load(COMPOSE.read_text())["volumes"])
    for name, service in services.items():
        for source, _, rest in (volume.partition(":") for volume in service.get("volumes", [])):
            if source.startswith("."):
                assert (CHECKOUT / source).exists() and rest.endswith(":ro"), (name, source)
            else:
                assert source in kept, (name, source)


# -- the passwords


def make_keys(folder: Path, **variables: str) -> dict[str, str]:
    """Run the step of the service `keys`, and return what it left, by path."""
    subprocess.run(
        ["sh", CHECKOUT / "infra/keys.sh", folder / "keys", folder / "owner"],
        env={"PATH": os.environ["PATH"]} | variables,
        check=True,
        timeout=20,
    )
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to another account needs root")
def test_passwords_are_made_once_and_each_is_for_one_account(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert set(made) == set(ACCOUNTS)
    owner, serving = (made[f"owner/postgres/{who}-password"] for who in ("owner", "serving"))
    assert made["keys/hub/pgpass"] == f"postgres:5432:hub:hub_app:{serving}\n"
    assert made["owner/migrate/pgpass"] == f"postgres:5432:hub:hub:{owner}\npostgres:5432:hub:hub_app:{serving}\n"
    assert made["keys/valkey/valkey.conf"] == f"requirepass {made['keys/valkey/password']}\n"
    assert made["keys/hub/redis-password"] == made["keys/valkey/password"]
    assert made["keys/hub/metrics-token"] == made["keys/prometheus/metrics-token"]
    words = [text for path, text in made.items() if path.endswith(("password", "prometheus/metrics-token"))]
    assert len(set(words)) == len(words) - 1  # Valkey's stands in two places
    assert all(re.fullmatch("[0-9a-f]{48}", word) for word in words)
    for path, account in ACCOUNTS.items():
        for each, mode in ((tmp_path / path, 0o600), ((tmp_path / path).parent, 0o700)):
            assert (each.stat().st_uid, stat.S_IMODE(each.stat().st_mode)) == (account, mode), each
    assert make_keys(tmp_path) == made
    other = tmp_path / "other"
    other.mkdir()
    assert make_keys(other)["owner/postgres/password"] != made["owner/postgres/password"]


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to another account needs root")
def test_what_was_chosen_goes_to_who_needs_it(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    chosen = make_keys(tmp_path, GRAFANA_ADMIN_PASSWORD="chosen %s", METRICS_TOKEN="t")
    assert chosen == made | {
        "keys/grafana/password": "chosen %s",
        "keys/prometheus/metrics-token": "t",
        "keys/hub/metrics-token": "t",
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to another account needs root")
async def test_valkey_takes_the_file_of_its_password(tmp_path: Path, data_dir: Path) -> None:
    made = make_keys(tmp_path)
    assert made["keys/valkey/valkey.conf"]
    server = embedded.start_valkey(data_dir, settings={"appendonly": "no"})
    server.kill()  # made its folders and its program; the file is read as compose's command has it
    program = embedded._programs((data_dir / "valkey").resolve().parent, "valkey", embedded._account())
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        program, tmp_path / "keys/valkey/valkey.conf", "--port", str(port), "--bind", "127.0.0.1", "--save", ""
    )
    try:
        settings = make_settings(
            "postgresql://h/d",
            f"redis://default@127.0.0.1:{port}/0",
            data_dir,
            REDIS_PASSWORD_FILE=str(tmp_path / "keys/hub/redis-password"),
        )
        client: Redis = Redis.from_url(settings.redis_url)
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    assert await client.ping()
                    break
                except ConnectionError:
                    await asyncio.sleep(0.02)
        await client.aclose()
        stranger: Redis = Redis.from_url(f"redis://127.0.0.1:{port}/0")
        with pytest.raises(AuthenticationError):
            await stranger.ping()
        await stranger.aclose()
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
async def test_roles_that_the_image_makes_are_enough_to_migrate_and_to_serve(
    folder: Path, tmp_path: Path, redis_url: str, data_dir: Path
) -> None:
    """On a server of its own, since roles are the server's: the script runs as the image runs it."""
    place = folder / secrets.token_hex(4)
    server = embedded.start_postgres(place, settings=QUICK)
    try:
        url = urlsplit(server.url)
        for name, word in (("owner-password", "o" * 9), ("serving-password", "s'%9")):
            (tmp_path / name).write_text(word)
        admin = await asyncpg.connect(server.url)
        await admin.execute("CREATE ROLE postgres SUPERUSER LOGIN PASSWORD 'p'")
        await admin.close()
        admin = await asyncpg.connect(f"postgresql://postgres:p@127.0.0.1:{url.port}/hub")
        await admin.execute("ALTER ROLE hub RENAME TO boot")  # its name is the owner's here
        await admin.close()
        script = await asyncio.create_subprocess_exec(
            *("bash", str(CHECKOUT / "infra/postgres/roles.sh")),
            env={
                "PATH": os.environ["PATH"], "PGHOST": "127.0.0.1", "PGPORT": str(url.port), "PGPASSWORD": "p",
                "POSTGRES_USER": "postgres", "POSTGRES_DB": "hub", "OWNER_KEYS": str(tmp_path),
            },
        )  # fmt: skip
        assert await script.wait() == 0
        at = f"@127.0.0.1:{url.port}/hub"
        settings = make_settings(
            f"postgresql://hub_app:s%27%259{at}",
            redis_url,
            data_dir,
            MIGRATION_DATABASE_URL=f"postgresql://hub:{'o' * 9}{at}",
        )
        assert await migration.migrate(settings)
        for role in ("hub", "hub_app"):
            admin = await asyncpg.connect(f"postgresql://postgres:p{at}")
            assert await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = $1", role) is False
            await admin.close()
        assert [f for f in await doctor.check_postgresql(settings) if "nothing else" in f.text]
    finally:
        server.stop()
        embedded.remove(place)
