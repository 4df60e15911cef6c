"""docker-compose.yml as Compose reads it, and the step that makes its passwords. No engine runs here."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hub import serving
from tests.servers import CHECKOUT

COMPOSE = CHECKOUT / "docker-compose.yml"
SCHEMA = Path("/usr/lib/python3/dist-packages/compose/config/compose_spec.json")
ONCE = {"keys", "migrate"}
ACCOUNTS = {"hub/pgpass": 10001, "postgres/password": 999, "grafana/password": 472}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.mark.skipif(not SCHEMA.exists(), reason="docker-compose's schema is not installed")
def test_file_fits_the_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator(schema).validate(yaml.safe_load(COMPOSE.read_text()))
    broken = yaml.safe_load(COMPOSE.read_text())
    broken["services"]["hub"]["port"] = broken["services"]["hub"].pop("ports")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(broken)


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("given", ["", "DATABASE_URL=postgresql://other:pw@elsewhere/hub\nPORT=9000\nWORKERS=5\n"])
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
    published = str(resolved["hub"]["ports"][0])
    if given:
        assert told["DATABASE_URL"] == "postgresql://other:pw@elsewhere/hub"
        assert (str(told["WORKERS"]), "9000" in published) == ("5", True)
    else:
        assert told["DATABASE_URL"] == "postgresql://hub@postgres:5432/hub"
        assert (str(told["WORKERS"]), "8000" in published) == ("2", True)


def test_three_ports_are_published_and_two_of_them_on_loopback(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {
        "hub": ["${PORT:-8000}:8000"],
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


def test_every_service_is_locked_bounded_and_pinned(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["image"] == "booking-hub" or re.search(r":v?\d+\.\d+\.?\d*(-\w+)?$", service["image"]), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert service["logging"]["options"]["max-size"] and service["mem_limit"], name
    assert [name for name, service in services.items() if "build" in service] == ["migrate"]
    assert {name for name, service in services.items() if "cap_add" in service} == {"keys"}


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
    assert grace > timedelta(seconds=serving.END_SECONDS)
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
        ["sh", CHECKOUT / "infra/keys.sh", folder], env={"PATH": os.environ["PATH"]} | variables, check=True, timeout=20
    )
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to another account needs root")
def test_passwords_are_made_once_and_each_is_for_one_account(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert set(made) == set(ACCOUNTS)
    assert made["hub/pgpass"] == f"postgres:5432:hub:hub:{made['postgres/password']}\n"
    assert re.fullmatch("[0-9a-f]{48}", made["postgres/password"])
    assert re.fullmatch("[0-9a-f]{48}", made["grafana/password"])
    assert made["grafana/password"] != made["postgres/password"]
    for path, account in ACCOUNTS.items():
        for each, mode in ((tmp_path / path, 0o600), ((tmp_path / path).parent, 0o700)):
            assert (each.stat().st_uid, stat.S_IMODE(each.stat().st_mode)) == (account, mode), each
    assert make_keys(tmp_path) == made
    other = tmp_path / "other"
    other.mkdir()
    assert make_keys(other)["postgres/password"] != made["postgres/password"]


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file to another account needs root")
def test_what_was_chosen_goes_to_who_needs_it(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    chosen = make_keys(tmp_path, GRAFANA_ADMIN_PASSWORD="chosen %s", METRICS_TOKEN="t")
    assert chosen == made | {"grafana/password": "chosen %s", "prometheus/metrics-token": "t"}
    assert (tmp_path / "prometheus/metrics-token").stat().st_uid == 65534
