"""The hundred statements that docs/live-protocol.md makes, in short, and which test proves each.

A test says which it proves by ``@proves(…)``. What only a client can keep is proved with the clients, in their own
tests: ELSEWHERE names those. tests/conformance/test_all.py looks that none is missing.
"""

from __future__ import annotations

import pytest

STATEMENTS = {
    # handshake
    1: "the subprotocol that is offered is named back, also among others, also in two headers",
    2: "who offers none is accepted, and none is named",
    3: "who offers only others gets 400",
    4: "an empty header of subprotocols is one that offers another: 400",
    5: "another letter case is another subprotocol: 400",
    6: "a foreign Origin, or null, gets 403",
    7: "without an Origin one is accepted",
    8: "a plain GET gets 426 with Upgrade",
    9: "another version than 13 gets 426, and is told 13",
    10: "deflate is agreed on when it is offered, without context takeover; no other extension is",
    11: "more sessions of an address than the bound: 503 with Retry-After",
    12: "a client waits at least for Retry-After",
    # frames
    13: "an id is repeated as it was",
    14: "what is no id is a bad_request with id null",
    15: "1.0 is no id",
    16: "an unknown field is ignored",
    17: "of a key that comes twice the last counts; NaN, a byte order mark, a lone surrogate are no JSON",
    18: "the same id twice is answered twice",
    19: "a binary frame: 1003",
    20: "text that is not UTF-8: 1007",
    21: "a character may be split over two fragments",
    22: "16,384 bytes are a frame, one more is 1009, in fragments too",
    23: "the first frame may have 8,192 bytes, one more is 1009",
    24: "more than 65,536 bytes: 1009",
    25: "64 fragments are a message, 65 are 4000",
    26: "a ping between fragments is answered",
    27: "what breaks RFC 6455 closes with 1002",
    28: "what a client does after 1001, 1002, 1005, 1008 and codes that it does not know",
    # connect
    29: "anything before connect: 4000",
    30: "no connect in time: 4002, to come back",
    31: "a connect that arrived in time is never 4002",
    32: "a second connect: 4000",
    33: "connected comes first, then one answer a channel, with the id of connect",
    34: "the channels are taken in the order of the frame",
    35: "a bad channel in `since` is an error of its own, and the others go on",
    36: "one channel more than the bound: too_many_subscriptions",
    37: "`since` that is no object is a bad_request; a position of a wrong type gets a snapshot",
    38: "after a refused connect another may come",
    39: "a token that is not accepted: 4001; one that has ended: 4200",
    40: "a token that ends soon is said to be expiring at once",
    # subscribe
    41: "what is current is recovered, without data",
    42: "1 to 200 versions behind: recovered by exactly one update",
    43: "201 behind: a snapshot",
    44: "a missed event that is older than 10 minutes: a snapshot",
    45: "an old position with young events after it is recovered",
    46: "a position of another epoch, of the future, or one that can't be read: a snapshot",
    47: "days from 30 back to 400 ahead are known, and no others",
    48: "any other spelling is no channel",
    49: "to subscribe again is allowed at the bound",
    50: "each role may watch its channels and no others",
    51: "a process that has just started recovers as well",
    52: "nothing of a channel before its `subscribed`, nothing after `unsubscribed`",
    53: "a snapshot is at the position of its `subscribed`",
    # updates
    54: "an update continues the frame before it",
    55: "a version with nothing to show moves the position",
    56: "availability and floor of a day share their positions",
    57: "a free table has [], what is gone has null",
    58: "what is held at a position is what the database held at it",
    59: "`at` is when it was committed",
    60: "a table that was retired is in no snapshot, and is free in an update",
    61: "the position of a REST answer: who is there or past it holds what was answered",
    62: "duplicates and overlaps do a client no harm",
    63: "a gap, or another epoch: a client asks once, and again only when it was answered",
    64: "updates that do not fit meanwhile are ignored",
    65: "an update between resync and snapshot is ignored",
    66: "an answer that never comes is asked for on another connection",
    67: "versions compare as numbers",
    # freshness
    68: "fresh after each `subscribed`",
    69: "fresh soon after each change",
    70: "fresh at least every two seconds",
    71: "fresh also while nothing is watched",
    72: "nothing that was committed before `verified_at` comes after it",
    73: "while the database hangs, `verified_at` stands still and is told all the same",
    74: "older than five seconds is stale, by itself",
    75: "frames that go on do not make live what is not verified",
    76: "after a reconnect nothing is live before it was verified on the new connection",
    77: "a frame that comes late does not make live",
    78: "a machine that slept shows nothing as live until it has asked",
    79: "a channel that is refused for now is stale, and the others are not touched",
    80: "a silent line is given up",
    # tokens, and the end
    81: "expiring before the token's end, 4200 after its grace",
    82: "refresh: another user's token is forbidden, a bad one is an auth_error, and the session lives",
    83: "after a refresh the session is of the new token's log-in",
    84: "POST /auth/refresh takes a token until two minutes after its end",
    85: "a log-out closes the sessions of its log-in, 4003; one from everywhere closes all",
    86: "a lost role is told and its channels are unsubscribed; a won role is told",
    87: "after 4001 a client does not try that token again",
    88: "bye comes before each close that the hub decides",
    89: "a client comes back within the times of bye, else with full jitter up to 20 s",
    90: "only a connection of 30 s begins the pauses anew",
    # limits
    91: "60 frames at once, then rate_limited with the id; who goes on is closed with 4100",
    92: "20 a second are free for ever",
    93: "pings of the protocol count",
    94: "of a user with more sessions than the bound the oldest leaves, 4100",
    95: "more than 128 commands that wait: 4100",
    96: "who does not read gets resync (slow) and snapshots, or 4101 when it goes on",
    97: "over a slow line that moves nobody is told what is old as live, and nobody is cut off",
    98: "answers come in the order of the questions",
    99: "who is quiet is asked by a ping, and cut without a word when it does not answer",
    100: "while the database hangs pings are answered, and what can't be read is retryable",
}

PYTHON, LINE, PAGE = "tests/pure/hub/client/", "tests/integration/client/", "hub/web/src/lib/live/tests/"
ELSEWHERE: dict[int, tuple[str, ...]] = {
    12: (LINE + "test_client_closes.py::test_a_refused_upgrade_is_tried_again_not_before_it_may_be",),
    28: (
        PYTHON + "test_retry.py::test_client_does_what_the_table_says",
        PAGE + "retry.test.js::pauses are a share of a bound that doubles up to a cap",
    ),
    31: ("tests/integration/test_live_bounds.py::test_hub_that_stood_still_blames_nobody",),
    62: (
        LINE + "test_client.py::test_duplicates_and_overlaps_do_no_harm",
        PAGE + "view.test.js::duplicate and older updates are ignored",
    ),
    63: (
        LINE + "test_client.py::test_a_gap_is_asked_for_once",
        PAGE + "channels.test.js::gap asks once with what is held, is not live meanwhile, "
        "and ends with the update that recovers",
        PAGE + "channels.test.js::update of an epoch that is not held asks",
    ),
    64: (
        PYTHON + "test_mirror.py::test_mirror_on_any_wire_converges_and_never_holds_what_was_not_committed",
        PAGE + "view.test.js::burst after a gap asks once, and the recovering update closes it",
    ),
    65: (
        PYTHON + "test_mirror.py::test_mirror_after_resync_takes_no_update_before_the_snapshot",
        PAGE + "view.test.js::resync keeps what is shown, ignores updates, ends with a snapshot of a new epoch",
    ),
    66: (
        LINE + "test_client_time.py::test_a_snapshot_that_never_comes_is_asked_for_on_another_connection",
        PAGE + "reconnect.test.js::state that was promised and never comes is asked for on a new connection",
    ),
    67: (PAGE + "view.test.js::positions compare as numbers and not as text",),
    74: (
        LINE + "test_client_time.py::test_a_state_turns_stale_by_itself_and_says_since_when",
        PAGE + "status.test.js::live up to five seconds, then stale by itself, without a frame and to the millisecond",
    ),
    75: (
        PYTHON + "test_age.py::test_never_live_with_something_older_than_the_limit",
        PAGE + "status.test.js::data and pongs that go on do not make live what is not verified",
    ),
    76: (
        LINE + "test_client_time.py::test_nothing_is_live_before_the_first_pong",
        PAGE + "status.test.js::what another connection said is not this one's",
    ),
    77: (
        LINE + "test_client_time.py::test_frames_that_are_old_when_they_come_never_show_live",
        PAGE + "status.test.js::frames that waited on a stalled line never show live",
    ),
    78: (
        LINE + "test_client_time.py::test_a_jump_of_the_clocks_is_stale_until_the_next_pong",
        PAGE + "status.test.js::device that slept does not show live what waited for it, until it has asked",
    ),
    79: (
        LINE + "test_client.py::test_a_channel_that_is_refused_for_now_is_stale_and_asked_again",
        PAGE + "channels.test.js::refused channel is told once and not asked for again; the others stay live",
    ),
    80: (
        LINE + "test_client_time.py::test_a_silent_line_is_given_up",
        PAGE + "reconnect.test.js::line on which nothing is heard for 15 s is given up, "
        "and what it still says is not heard",
    ),
    87: (
        PYTHON + "test_retry.py::test_client_does_what_the_table_says",
        PAGE + "token.test.js::4001: not again, and no renewal",
    ),
    89: (
        PYTHON + "test_retry.py::test_pauses_are_a_share_of_a_bound_that_doubles_up_to_a_cap",
        LINE + "test_client_closes.py::test_a_window_of_a_bye_is_obeyed",
        PAGE + "reconnect.test.js::bye's range is waited for, at both of its ends",
    ),
    90: (
        PAGE + "reconnect.test.js::connection of 30 s takes the pause back to its first bound",
        PAGE + "reconnect.test.js::connection shorter than 30 s does not shorten the next pause",
    ),
    97: ("tests/integration/test_slow_lines.py::test_live_is_not_old_over_lines_of_any_rate_for_a_minute",),
}


def proves(*numbers: int) -> pytest.MarkDecorator:
    """The mark of a test that proves these statements."""
    return pytest.mark.statement(*numbers)
