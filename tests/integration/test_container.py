"""The Dockerfile, linted, and its steps run as they stand: only the folders are moved, from / to a scratch folder.

Where the tests run as root, what the image runs is run as the image's account; otherwise as oneself.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import string
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import yaml

from tests.servers import CHECKOUT, Servers, end_group, free_port, until_ready

DOCKERFILE = CHECKOUT / "Dockerfile"
HADOLINT = Path(sys.executable).with_name("hadolint")
ROOT = os.geteuid() == 0


@dataclass(slots=True)
class Stage:
    """What one FROM begins: the steps after it, as (instruction, what it says)."""

    image: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, instruction: str) -> str:
        return [said for name, said in self.steps if name == instruction][-1]


def stages() -> list[Stage]:
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[Stage] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        instruction, said = line.split(maxsplit=1)
        if instruction == "FROM":
            found.append(Stage(said.split()[0]))
        else:
            found[-1].steps.append((instruction, said.strip()))
    return found


ACCOUNT = int(stages()[-1].last("USER").split(":")[0]) if ROOT else os.geteuid()


def as_account() -> dict[str, Any]:
    """Arguments for subprocess."""
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if ROOT else {}


def python() -> str | None:
    """A Python, new enough and with pip, that the image's account can start: one below /root it can't."""
    for each in (sys._base_executable, *(shutil.which(f"python3{n}", path=os.defpath) for n in ("", ".13", ".12"))):
        ask = [str(each), "-c", "import sys, venv, pip; sys.exit(sys.version_info < (3, 11))"]
        try:
            if each and not subprocess.run(ask, cwd="/", capture_output=True, **as_account()).returncode:
                return each
        except PermissionError:
            continue
    return None


@dataclass(slots=True)
class Image:
    """What the steps made below ``folder``."""

    folder: Path
    stage: Stage
    environ: dict[str, str]

    def place(self, text: str) -> str:
        return re.sub(r"(?<![\w./-])/(?=(?:venv|build|data|keys)\b)", f"{self.folder}/", text)

    def start(self, command: list[str], **variables: str) -> subprocess.Popen[bytes]:
        """Start ``command`` as a container would; its output goes to the file ``log``."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [shutil.which(command[0], path=self.environ["PATH"]) or command[0], *command[1:]],
                cwd=self.place(self.stage.last("WORKDIR")),
                env=self.environ | {name: self.place(value) for name, value in variables.items()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **as_account(),
            )

    def run(self, command: list[str], **variables: str) -> int:
        process = self.start(command, **variables)
        try:
            return process.wait(60)
        finally:
            end_group(process, 0)

    @property
    def output(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """Every step of the Dockerfile, run."""
    interpreter = python()
    if interpreter is None:
        pytest.skip("no Python with pip that an unprivileged account could start")
    folder = Path(tempfile.mkdtemp(prefix="hub-image-"))
    try:
        folder.chmod(0o755)
        programs = folder / "bin"
        programs.mkdir()
        (programs / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(interpreter)} "$@"\n')
        (programs / "python").chmod(0o755)
        made = Image(folder, stages()[-1], {})
        for stage in stages():
            made.environ = {"PATH": f"{programs}:{os.defpath}", "TMPDIR": tempfile.gettempdir()}
            # Where pip and npm find their packages, and whom they trust, is the machine's to say.
            told = ("PIP_", "NPM_", "npm_", "NODE_", "HOME")
            made.environ |= {name: value for name, value in os.environ.items() if name.startswith(told)}
            build(made, stage)
        yield made
    finally:
        shutil.rmtree(folder)


def build(image: Image, stage: Stage) -> None:
    """Run the steps of one stage. Raises for one that fails or that is not known here."""
    where = image.folder
    for instruction, said in stage.steps:
        if instruction == "WORKDIR":
            where = Path(image.place(said))
            where.mkdir(exist_ok=True)
        elif instruction == "ENV":
            for pair in shlex.split(said):
                name, value = pair.split("=", 1)
                image.environ[name] = string.Template(image.place(value)).substitute(image.environ)
        elif instruction == "COPY" and said.startswith("--from="):
            source, target = said.split()[1:]
            assert source == target, "stages share one folder here"
        elif instruction == "COPY":
            *sources, target = said.split()
            for source in sources:
                copy(CHECKOUT / source, where / target if target != "./" else where / source)
        elif instruction == "RUN":
            own = said if ROOT else said.replace(stages()[-1].last("USER").split(":")[0], str(ACCOUNT))
            subprocess.run(["sh", "-ec", image.place(own)], cwd=where, env=image.environ, check=True, timeout=600)
        else:
            assert instruction in {"USER", "EXPOSE", "HEALTHCHECK", "CMD"}, instruction


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "dist", "generated")
        shutil.copytree(source, target, ignore=ignored)
    else:
        shutil.copy(source, target)


@pytest.fixture
async def variables(servers: Servers, image: Image) -> AsyncIterator[dict[str, str]]:
    """What docker-compose.yml tells the hub, but for an empty database here, whose password stands in a file alone."""
    name = f"c_{secrets.token_hex(6)}"
    url = urlsplit(servers.postgres.url)
    told = service("hub")["environment"]
    write_for_account(
        Path(image.place(told["PGPASSFILE"])), f"{url.hostname}:{url.port}:{name}:{url.username}:{url.password}\n"
    )
    valkey = urlsplit(servers.valkey.url)
    for variable, word in (("REDIS_PASSWORD_FILE", str(valkey.password)), ("METRICS_TOKEN_FILE", "token")):
        write_for_account(Path(image.place(told[variable])), word)
    admin = await asyncpg.connect(servers.postgres.url)
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        yield told | {
            "DATABASE_URL": urlunsplit(url._replace(netloc=f"{url.username}@{url.hostname}:{url.port}", path=name)),
            "REDIS_URL": f"redis://default@{valkey.hostname}:{valkey.port}/{secrets.randbelow(1000)}",
            "PORT": str(free_port()),
            "WORKERS": "1",
            "WORKER_METRICS_PORT": str(free_port()),
        }
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()


def write_for_account(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    os.chown(path, ACCOUNT, -1)


def service(name: str) -> dict[str, Any]:
    return yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"][name]


# -- the file


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not installed")
def test_dockerfile_is_clean() -> None:
    result = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True, timeout=30)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not installed")
def test_linter_sees_a_loose_image() -> None:
    loose = DOCKERFILE.read_text().replace(stages()[-1].image, "python:latest")
    result = subprocess.run([HADOLINT, "-"], input=loose, capture_output=True, text=True, timeout=30)
    assert "DL3007" in result.stdout


def test_last_stage_is_small_and_unprivileged() -> None:
    first, last = stages()
    assert first.image == last.image
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}", last.image)
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last.last("USER"))
    assert not any(word in said for _, said in last.steps for word in ("apt", "pip", "gcc"))
    assert json.loads(last.last("CMD")) == ["hub", "serve"]


def test_image_is_given_what_it_copies_and_no_more() -> None:
    allowed = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source.removeprefix("./")
        for stage in stages()
        for instruction, said in stage.steps
        if instruction == "COPY" and not said.startswith("--from=")
        for source in said.split()[:-1]
    }
    assert copied == allowed


# -- what it makes


@pytest.mark.slow
@pytest.mark.timeout(600)  # it installs everything, beside whatever else runs
async def test_steps_make_a_hub_that_runs_without_rights(image: Image, variables: dict[str, str]) -> None:
    health = json.loads(re.split(r"\bCMD\b", image.stage.last("HEALTHCHECK"))[1])
    assert await asyncio.to_thread(image.run, ["hub", "migrate"], **variables) == 0, image.output
    key = image.folder / "data/secret-key"
    assert (key.stat().st_uid, key.stat().st_mode & 0o777) == (ACCOUNT, 0o600)
    assert len(key.read_bytes()) >= 32
    assert await asyncio.to_thread(image.run, health, **variables) == 1
    hub = image.start(json.loads(image.stage.last("CMD")), **variables)
    try:
        await until_ready(f"http://127.0.0.1:{variables['PORT']}", hub, 20)
        assert await asyncio.to_thread(image.run, health, **variables) == 0
        hub.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(hub.wait, 10) == 0, image.output
    finally:
        end_group(hub, 0)
    assert set(os.listdir(image.folder / "data")) == {".hub", "secret-key"}
    if ROOT:  # for oneself the programs are one's own
        assert await asyncio.to_thread(image.run, ["touch", f"{image.folder}/venv/bin/hub"]) == 1


@pytest.mark.slow
@pytest.mark.timeout(600)  # it installs everything, beside whatever else runs
async def test_same_image_runs_the_worker(image: Image, variables: dict[str, str]) -> None:
    told = service("worker")
    health = [
        word.replace("9101", variables["WORKER_METRICS_PORT"]) for word in told["healthcheck"]["test"] if word != "CMD"
    ]
    assert await asyncio.to_thread(image.run, ["hub", "migrate"], **variables) == 0, image.output
    assert await asyncio.to_thread(image.run, health, **variables) == 1
    worker = image.start(told["command"], **variables)
    try:
        async with asyncio.timeout(30):
            while await asyncio.to_thread(image.run, health, **variables):
                assert worker.poll() is None, image.output
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 10) == 0, image.output
    finally:
        end_group(worker, 0)
