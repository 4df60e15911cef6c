"""A service day on paper: GET /print/DATE and `hub print DATE`."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys

import pytest

from tests.integration.rest import refused
from tests.integration.rest_rules.conftest import book
from tests.integration.rest_rules.test_guests import somebody
from tests.servers import CHECKOUT, Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def printed(host: Account, day: str, **query: str) -> str:
    answer = await host.client.get(f"/print/{day}", params=query)
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8", answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return answer.text


def foot(page: str) -> str:
    found = re.search(r"position ([a-z0-9]{8}:\d+)\.", page)
    assert found is not None
    return found[1]


async def test_the_day_is_printed_by_time_and_by_table(host: Account, day: str) -> None:
    ida = somebody(name="Ida <b>Bold</b> =1+1")
    made = await book(
        host.client, day, "18:30", guests=2, guest=ida, note="By the <window>", needs=["high_chair"],
        house_note="Owes us a smile",
    )  # fmt: skip
    await host.client.post(f"/guests/{made['guest']['id']}/notes", json={"kind": "dietary", "text": "No nuts & seeds"})
    page = await printed(host, day)
    assert "Ida &lt;b&gt;Bold&lt;/b&gt; =1+1" in page and "<b>" not in page
    for text in (
        "By the &lt;window&gt;",
        "high chair",
        "Owes us a smile",
        "⚠ Allergy or diet: <bdi>No nuts &amp; seeds",
        "18:30–20:30",
    ):
        assert text in page, text
    epoch, version = made["position"].split(":")
    assert made["table"]["name"] in page and foot(page) == f"{epoch}:{int(version) + 1}"  # the note is a change too
    assert "T6-3" in page  # tables without anybody are shown too


async def test_what_changed_since_an_earlier_paper_comes_first(host: Account, day: str) -> None:
    stays, moves, goes = [
        await book(host.client, day, at, guests=2, guest={"name": name})
        for at, name in (("12:00", "Stays"), ("13:00", "Moves"), ("14:00", "Goes"))
    ]
    first = foot(await printed(host, day))
    assert "Nothing has changed since then." in await printed(host, day, since=first)
    assert (await host.client.patch(f"/bookings/{moves['id']}", json={"time": "16:15"})).status_code == 200
    assert (await host.client.delete(f"/bookings/{goes['id']}")).status_code == 200
    await book(host.client, day, "19:00", guests=4, guest={"name": "Comes"})
    page = await printed(host, day, since=first)
    changes = page[page.index(first) : page.index("By time")]
    assert re.findall(r"<td>(new|gone|changed)</td>\s*<td>([^<]*)", changes) == [
        ("gone", "14:00"), ("changed", "16:15 "), ("new", "19:00"),
    ]  # fmt: skip
    assert "<s>13:00</s>" in changes and "Stays" not in changes and stays["reference"] not in page
    refused(await host.client.get(f"/print/{day}", params={"since": "zzzzzzzz:1"}), "not_found")
    refused(await host.client.get(f"/print/{day}", params={"since": f"{first[:9]}99999"}), "not_found")
    refused(await host.client.get(f"/print/{day}", params={"since": "yesterday"}), "validation_error")


async def test_only_staff_print_and_only_days_that_are_kept(host: Account, guest: Account, day: str) -> None:
    refused(await guest.client.get(f"/print/{day}"), "forbidden")
    refused(await host.client.get("/print/2001-01-01"), "in_the_past")
    refused(await host.client.get("/print/2099-01-01"), "too_far_ahead")


@pytest.mark.slow
async def test_the_command_prints_without_a_hub(hub: HubServer, host: Account, day: str) -> None:
    await book(host.client, day, guests=2, guest={"name": "Printed by command"})

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub.process.cli", "print", *arguments, "--data-dir", str(hub.data_dir)],
            capture_output=True,
            env=hub.environ,
            cwd=CHECKOUT,
            text=True,
        )

    done = await asyncio.to_thread(command, day)
    assert done.returncode == 0, done.stderr
    assert "Printed by command" in done.stdout and "</html>" in done.stdout
    wrong = await asyncio.to_thread(command, "tomorrow")
    assert wrong.returncode == 2 and "'tomorrow' is no date" in wrong.stderr
    nowhere = await asyncio.to_thread(command, day, "--venue", "nowhere")
    assert (nowhere.returncode, nowhere.stderr) == (1, "hub: there is no venue nowhere\n")
