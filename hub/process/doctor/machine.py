"""What the hub asks of the machine itself: its time-zone data and its limit of open files."""

from __future__ import annotations

import resource
from datetime import datetime

import tzdata

from hub.commands import stranded
from hub.config import Settings
from hub.process.doctor.findings import NOTE, WELL, WRONG, Finding, Findings

OTHER_FILES = 256
"""Open files of a process beside its sockets: the pool, Redis, logs, code."""
MANY_FILES = 4096


async def check_time_zones(settings: Settings) -> Findings:
    zone = settings.rules.zone
    system, package = stranded.system_zone_data(), tzdata.IANA_VERSION
    now = datetime.now(zone)
    said = f"in {zone.key} it is {now:%Y-%m-%d %H:%M} ({now:%z}), by time-zone data {system or package}"
    if system and system < package:
        said += f" of the system, where {package} is installed"
        return [Finding(NOTE, f"{said}: upgrade the system's tzdata, or set PYTHONTZPATH= (empty) to use the newer")]
    return [Finding(WELL, said)]


async def check_open_files(settings: Settings) -> Findings:
    """Each socket of the live channel is an open file of its process."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    sessions = settings.live.sessions
    said = "any number of" if allowed == resource.RLIM_INFINITY else f"{allowed}"
    wanted = sessions + OTHER_FILES if sessions else MANY_FILES
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        why = f"LIVE_SESSIONS={sessions} wants {wanted}" if sessions else f"a busy live channel wants {wanted}"
        do = f"raise it (ulimit -n {wanted}; LimitNOFILE={wanted} in a systemd unit)"
        return [Finding(WRONG if sessions else NOTE, f"{said} open files a process, as of this shell; {why}: {do}")]
    return [Finding(WELL, f"{said} open files a process, as of this shell")]
