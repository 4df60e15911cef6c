"""The Python client needs nothing of the server."""

from __future__ import annotations

import subprocess
import sys

from tests.servers import CHECKOUT

BLOCKED = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("websockets", "hub"):
            raise ImportError(f"{name} is not a dependency of the client")
        return None

sys.meta_path.insert(0, Blocker())
import hub.client, hub.client.watch
print(sorted(name for name in sys.modules if name.startswith("hub.")))
"""


def test_client_is_importable_without_what_the_server_needs() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert done.returncode == 0, done.stderr
    assert "hub.client.client" in done.stdout and "hub.config" not in done.stdout


def test_what_blocks_imports_does_block() -> None:
    script = BLOCKED.replace("import hub.client, hub.client.watch", "import hub.live.session")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert "is not a dependency of the client" in done.stderr
