"""POST /auth/register, /auth/login, /auth/refresh, /auth/logout; GET /auth/me."""

from __future__ import annotations

from tests.integration.recording.steps import Ask, Capability, registers

PASSWORD = "correct horse battery"
BEN = {"email": "ben@example.com", "password": PASSWORD, "phone_number": "+902125550102", "full_name": "Ben Guest"}


def register(name: str, **other: object) -> Ask:
    return Ask(name, "POST /auth/register", BEN | other)


def log_in(name: str, email: object = "ada@example.com", password: object = PASSWORD, **more: object) -> Ask:
    return Ask(name, "POST /auth/login", {"email": email, "password": password, **more})


CAPABILITY = Capability(
    "accounts",
    [
        registers("ada", 101, language="ru"),
        register("the address is another account's", email="ADA@example.com"),
        register("the number is another account's", phone_number="+90 212 555 01 01"),
        register("no address", email="ben"),
        register("no number", phone_number="12345"),
        register("a short password", password="short"),
        register("a weak password", password="password1"),
        register("no name", full_name="  "),
        register("no such language", language="xx"),
        register("a field that is unknown", role="admin"),
        register("a number for a text", full_name=5),
        Ask("nothing is filled in", "POST /auth/register", {}),
        Ask("no JSON", "POST /auth/register", "{"),
        Ask("no object", "POST /auth/register", []),
        Ask("no body", "POST /auth/register"),
        Ask("a name twice", "POST /auth/register", '{"email": "a@example.com", "email": "b@example.com"}'),
        Ask("too large", "POST /auth/register", {"full_name": "x" * 70_000}),
        register("ben registers after all of that"),
        log_in("log in"),
        log_in("log in, in capitals", " Ada@Example.com"),
        log_in("log in with a wrong password", password="wrong horse battery"),
        log_in("log in as nobody", "nobody@example.com"),
        log_in("log in with an empty password", password=""),
        log_in("log in with more", more=1),
        Ask("log in with no JSON", "POST /auth/login", "ada"),
        Ask("log in with GET", "GET /auth/login"),
        Ask("who am I", "GET /auth/me", who="ada"),
        Ask("who am I, the head", "HEAD /auth/me", who="ada"),
        Ask("who am I, a host", "GET /auth/me", who="host"),
        Ask("who am I, an admin", "GET /auth/me", who="admin"),
        Ask("who am I, without a token", "GET /auth/me"),
        Ask("who am I, with no token of ours", "GET /auth/me", headers={"Authorization": "Bearer nonsense"}),
        Ask("who am I, otherwise authorised", "GET /auth/me", headers={"Authorization": "Basic YWRhOmFkYQ=="}),
        Ask("who am I, with a token that has ended", "GET /auth/me", who="ada", token_ends_in=-5),
        Ask("refresh", "POST /auth/refresh", who="ada"),
        Ask("refresh just after its end", "POST /auth/refresh", who="ada", token_ends_in=-60),
        Ask("refresh long after its end", "POST /auth/refresh", who="ada", token_ends_in=-600),
        Ask("refresh without a token", "POST /auth/refresh"),
        Ask("log in once more", "POST /auth/login", {"email": "ada@example.com", "password": PASSWORD}, keep="other"),
        Ask("log out with a wrong field", "POST /auth/logout", {"where": "here"}, who="other"),
        Ask("log out with no JSON", "POST /auth/logout", "now", who="other"),
        Ask("log out", "POST /auth/logout", who="other"),
        Ask("after the log-out", "GET /auth/me", who="other"),
        Ask("refresh after the log-out", "POST /auth/refresh", who="other"),
        Ask("log out again", "POST /auth/logout", who="other"),
        Ask("the other session goes on", "GET /auth/me", who="ada"),
        Ask("log out everywhere", "POST /auth/logout", {"everywhere": True}, who="ada"),
        Ask("after the log-out everywhere", "GET /auth/me", who="ada"),
        Ask("log out without a token", "POST /auth/logout"),
    ],
)
