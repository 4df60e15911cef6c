"""systemd's units: systemd itself finds no fault in them, and they start and end the hub as it wants to be."""

from __future__ import annotations

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from hub.process import cli, serve
from tests.servers import CHECKOUT

UNITS = sorted((CHECKOUT / "infra/systemd").iterdir())
PROGRAM = "/opt/booking-hub/bin/hub"
COMMANDS = {
    "booking-hub.service": "serve",
    "booking-hub-migrate.service": "migrate",
    "booking-hub-worker@.service": "worker",
}


def read(unit: Path) -> ConfigParser:
    parsed = ConfigParser(interpolation=None, delimiters="=", strict=True)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # names are written as systemd writes them
    parsed.read_string(unit.read_text())
    return parsed


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    """What systemd says of the units, with the hub of these tests as the one that is installed."""
    installed = Path(sys.executable).with_name("hub")
    for unit in UNITS:
        (folder / unit.name.replace("@.", "@1.")).write_text(unit.read_text().replace(PROGRAM, str(installed)))
    return subprocess.run(["systemd-analyze", "verify", *folder.iterdir()], capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    result = verify(tmp_path)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")
    broken = tmp_path / "booking-hub.service"
    broken.write_text(broken.read_text().replace("KillMode=mixed", "KillMode=gently"))
    found = subprocess.run(["systemd-analyze", "verify", broken], capture_output=True, text=True, timeout=60)
    assert "kill mode" in found.stderr.lower()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_starts_a_command_that_exists_and_ends_it_in_order(unit: Path) -> None:
    service = read(unit)["Service"]
    arguments = service["ExecStart"].split(PROGRAM)[1].split()
    options = cli._parser().parse_args(arguments)
    assert options.run.__name__ == f"_{COMMANDS[unit.name]}"
    assert str(options.data_dir) == f"/var/lib/{service['StateDirectory']}" == service["WorkingDirectory"]
    assert (service["User"], service["EnvironmentFile"]) == ("booking-hub", "/etc/booking-hub/env")
    assert service["KillMode"] == "mixed"  # the first process drains the others
    assert float(service["TimeoutStopSec"]) > serve.END_SECONDS
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")


def test_migration_comes_first_and_stops_nobody() -> None:
    units = {unit.name: read(unit)["Unit"] for unit in UNITS}
    assert set(units) == set(COMMANDS)
    for name in ("booking-hub.service", "booking-hub-worker@.service"):
        assert "booking-hub-migrate.service" in units[name]["Wants"].split()
        assert "booking-hub-migrate.service" in units[name]["After"].split()
        assert "Requires" not in units[name]  # it waits for the schema by itself
