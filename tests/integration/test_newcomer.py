"""The first minutes: what `hub up` shows on a terminal, what it keeps for later, and README's commands as pasted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub import config
from hub.process import bootstrap, cli
from tests.http_clients import http_client
from tests.servers import CHECKOUT, PATIENCE, end_group, environment, free_port

README = (CHECKOUT / "README.md").read_text()
STEP = re.compile(r" *\d+\.\d s  (.+)")


@dataclass(slots=True)
class Terminal:
    """A `hub up` on a terminal, and what stands there."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int
    shown: bytearray

    @property
    def lines(self) -> list[str]:
        return self.shown.decode().replace("\r\n", "\n").splitlines()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def until_greeted(self) -> list[str]:
        async with asyncio.timeout(3 * PATIENCE):
            while f"Guests: {self.address}" not in self.lines:
                assert self.process.poll() is None, self.lines
                await asyncio.sleep(0.05)
        return self.lines


@contextlib.asynccontextmanager
async def on_a_terminal(data_dir: Path, *arguments: str) -> AsyncIterator[Terminal]:
    port, (ours, theirs) = free_port(), pty.openpty()
    command = [
        sys.executable,
        "-m",
        "hub.process.cli",
        "up",
        "--port",
        str(port),
        "--workers",
        "1",
        "--data-dir",
        str(data_dir),
    ]
    process = await asyncio.to_thread(
        lambda: subprocess.Popen(
            [*command, *arguments], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
            env=environment(WORKER_METRICS_PORT=str(free_port())), cwd=CHECKOUT, start_new_session=True,
        )
    )  # fmt: skip
    os.close(theirs)
    shown = bytearray()
    os.set_blocking(ours, False)

    def read() -> None:
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            shown.extend(os.read(ours, 65536))
            return
        asyncio.get_running_loop().remove_reader(ours)

    asyncio.get_running_loop().add_reader(ours, read)
    try:
        yield Terminal(process, data_dir, port, shown)
    finally:
        await asyncio.to_thread(end_group, process, PATIENCE)
        asyncio.get_running_loop().remove_reader(ours)
        os.close(ours)


@pytest.mark.slow
async def test_terminal_shows_steps_then_log_ins_and_the_address(data_dir: Path) -> None:
    async with on_a_terminal(data_dir) as terminal:
        lines = await terminal.until_greeted()
        steps = [match[1] for line in lines if (match := STEP.fullmatch(line))]
        assert sorted(steps[:2]) == ["PostgreSQL runs", "Valkey runs"]
        assert steps[2].startswith("the database is up to date") and steps[3:] == [
            "a demo admin and a demo host are made", "the hub answers", "a demo evening is under way",
        ]  # fmt: skip
        block = lines[lines.index("") + 1 :]
        assert [line.split(":")[0] for line in block] == [
            "Data and settings", "Log", "Demo admin", "Demo host", "Demo log-ins", "Host stand", "Owner", "Guests",
        ]  # fmt: skip
        assert not [line for line in lines if line.startswith("{")]
        kept = config.read_env_file(data_dir / "demo-log-ins")
        assert (data_dir / "demo-log-ins").stat().st_mode & 0o777 == 0o600
        assert f"Demo host: {kept['HOST_EMAIL']}  password: {kept['HOST_PASSWORD']}" in lines
        async with http_client(base_url=terminal.address) as client:
            body = {"email": kept["ADMIN_EMAIL"], "password": kept["ADMIN_PASSWORD"]}
            logged_in = await client.post("/auth/login", json=body)
            assert logged_in.status_code == 200
            client.headers["authorization"] = f"Bearer {logged_in.json()['access_token']}"
            tonight = (await client.get("/venue")).json()["service_day"]
            floor = (await client.get(f"/days/{tonight}/floor")).json()
            notes = [note["kind"] for each in floor["bookings"].values() for note in each["guest_notes"]]
            assert notes == ["dietary"]  # somebody has an allergy, so that it is seen
            log, before = data_dir / "run/hub.log", data_dir / "run/hub.log.1"
            os.truncate(log, bootstrap.LOG_BYTES + 1)
            async with asyncio.timeout(PATIENCE):
                while not before.exists():  # noqa: ASYNC110 - another process' file
                    await asyncio.sleep(0.1)
            assert (await client.post("/auth/login", json=body)).status_code == 200
        terminal.process.send_signal(signal.SIGINT)
        await asyncio.to_thread(terminal.process.wait, PATIENCE)
        old, new = (
            [json.loads(text) for line in file.read_text().splitlines() if (text := line.strip("\0"))]
            for file in (before, log)
        )
        assert {"server", "worker"} <= {line["part"] for line in old}
        assert [each["status"] for each in new if each.get("route") == "/auth/login"] == [200]
        assert terminal.lines == lines  # nothing came after the block


@pytest.mark.slow
async def test_empty_makes_no_accounts_and_logs_shows_the_log(data_dir: Path) -> None:
    async with on_a_terminal(data_dir, "--empty", "--logs") as terminal:
        lines = await terminal.until_greeted()
        assert [line for line in lines if line.startswith("{")]
        assert not [line for line in lines if "emo" in line]
        assert not (data_dir / "demo-log-ins").exists() and not (data_dir / "run/hub.log").exists()


def blocks(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks(README))
def test_commands_can_be_pasted_into_any_shell(block: str) -> None:
    """On macOS as on Linux; zsh takes a comment behind a command for arguments."""
    assert not re.search(r"#|…|\bdate -d\b|<[a-z]+>", block.replace("\\#", ""))
    subprocess.run(["sh", "-n"], input=block.encode(), check=True)


@pytest.mark.slow
async def test_readme_books_a_table_as_pasted(data_dir: Path) -> None:
    [log_in, watch, book] = [block for block in blocks(README) if "$HUB" in block]
    assert shutil.which("curl")
    async with on_a_terminal(data_dir) as terminal:
        await terminal.until_greeted()

        def here(block: str) -> str:
            """The same with this test's address and folder."""
            assert "http://127.0.0.1:8000" in block or "$HUB" in block
            text = block.replace("http://127.0.0.1:8000", terminal.address.rstrip("/"))
            return text.replace(".hub/", f"{data_dir}/").replace(".venv/bin/python", sys.executable)

        async def shell(script: str) -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                "sh",
                "-c",
                script,
                stdout=asyncio.subprocess.PIPE,
                cwd=CHECKOUT,
                env=environment(),
                start_new_session=True,
            )

        watcher = await shell(here(log_in) + here(watch))
        assert watcher.stdout
        async with asyncio.timeout(PATIENCE):
            assert b"{" in await watcher.stdout.readline()  # the day as it is
            booking = await shell(here(log_in) + here(book))
            output, _ = await booking.communicate()
            assert json.loads(output)["table"]["id"]
            while b'"tables": {"' not in await watcher.stdout.readline():
                pass  # it also tells how fresh the day is, whenever that changes
        os.killpg(watcher.pid, signal.SIGKILL)
        await watcher.communicate()


def test_help_of_every_command_is_whole_sentences(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the words that the list has for it, with their capital letters."""
    monkeypatch.setenv("COLUMNS", "300")  # nothing is broken into lines
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    listed = dict(re.findall(r"^    (\S+) +(.+)$", capsys.readouterr().out, flags=re.MULTILINE))
    assert {"up", "serve", "worker", "migrate", "users", "venue", "print", "asyncapi", "doctor"} <= listed.keys()
    for command, words in listed.items():
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        assert capsys.readouterr().out.split("\n\n")[1] == f"{words[0].upper()}{words[1:]}."
