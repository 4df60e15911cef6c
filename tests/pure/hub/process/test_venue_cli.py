"""`hub venue` and `hub create-user --venue`: what their arguments may be, without a database."""

from __future__ import annotations

import pytest

from hub.process import cli

CREATE = ["create-user", "ada@example.com", "--role"]
ADD = ["venue", "add", "soho", "--name", "Soho", "--zone", "Europe/London"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["venue"], "the following arguments are required: ACTION"),
        (["venue", "open"], "invalid choice: 'open'"),
        (["venue", "add", "soho"], "the following arguments are required: --name, --zone"),
        (["venue", "add", "2026", *ADD[3:]], "'2026' can't be used"),
        (["venue", "add", "So Ho", *ADD[3:]], "'So Ho' can't be used"),
        (["venue", "add", "-soho", *ADD[3:]], "arguments are required: SLUG"),
        ([*ADD[:-1], "Europe/Soho"], "'Europe/Soho' can't be used"),
        ([*ADD, "--name", "two\nlines"], "can't be used"),
        ([*ADD, "--opens", "noon"], "'noon' can't be used; accepted: "),
        ([*ADD, "--closes", "48"], "'48' can't be used; accepted: "),
        ([*ADD, "--cancel-deadline", "-1"], "can't be used"),
        ([*ADD, "--days-ahead", "0"], "'0' can't be used"),
        ([*ADD, "--tables", "2x"], "'2x' can't be used; accepted: SEATSxCOUNT with commas, as 2x7,3x6"),
        ([*ADD, "--tables", "21x1"], "'21x1' can't be used"),
        ([*ADD, "--tables", "2x1,,3x1"], "can't be used"),
        ([*ADD, "--language", "xx"], "invalid choice: 'xx'"),
        ([*ADD, "--country", "England"], "'England' can't be used"),
        (["venue", "retire"], "the following arguments are required: SLUG"),
        (["venue", "member", "soho", "ada@example.com"], "the following arguments are required: --role"),
        (["venue", "member", "soho", "ada@example.com", "--role", "admin"], "invalid choice: 'admin'"),
        ([*CREATE, "owner"], "hub: without --venue the role is one of user, host, admin"),
        ([*CREATE, "admin", "--venue", "soho"], "hub: with --venue the role is one of viewer, host, manager, owner"),
    ],
)
def test_wrong_argument_is_named_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    output, errors = capsys.readouterr()
    assert (ended.value.code, output) == (2, "")
    assert said in errors.splitlines()[-1]
    assert "Traceback" not in errors
