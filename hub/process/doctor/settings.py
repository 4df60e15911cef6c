"""Whether every variable can be used."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hub import config
from hub.config import Settings
from hub.process.doctor.findings import NOTE, WELL, WRONG, Finding, Findings, why
from hub.variables import ConfigError

HOURS = ("WORKDAY_START_HOUR", "WORKDAY_END_HOUR", "BOOKING_SLOT_HOURS")


def read_settings(environ: Mapping[str, str], data_dir: Path) -> tuple[Settings, Findings]:
    """The settings with the default of whatever is wrong, and a finding for each variable that is."""
    findings: Findings = []
    wrong: set[str] = set()
    try:
        config.read_env_file(data_dir / "hub.env")
    except (OSError, ValueError) as error:
        findings.append(Finding(WRONG, f"{data_dir / 'hub.env'} can't be read ({why(error)}): mend or remove it"))
        data_dir = Path(tempfile.gettempdir()) / secrets.token_hex(8)  # where there is none
    while True:
        need = tuple(name for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY") if name not in wrong)
        try:
            settings = config.load(environ, data_dir=data_dir, need=need, without=wrong)
        except ConfigError as error:
            findings.append(Finding(WRONG, str(error)))
            # The hours are judged together: when it is still wrong without this one, another one of them is.
            wrong |= set(HOURS) if error.variable in wrong else {error.variable}
            wrong |= {"SECRET_KEY"} if error.variable == "SECRET_KEY_FILE" else set()
        except (OSError, ValueError) as error:
            findings.append(Finding(WRONG, f"SECRET_KEY_FILE can't be read ({why(error)}): name a file of text"))
            wrong |= {"SECRET_KEY_FILE", "SECRET_KEY"}
        else:
            break
    findings += [Finding(NOTE, f"{name} has no use here and is ignored: remove it") for name in settings.obsolete]
    if not any(finding.mark == WRONG for finding in findings):
        findings.insert(0, Finding(WELL, "every variable that is set can be used"))
    return settings, findings
