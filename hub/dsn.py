"""DATABASE_URL and REDIS_URL: which forms and words are taken, and what they mean. Nothing is connected here.

Every command and part reads a URL of PostgreSQL through :func:`parse` and connects by ``hub.store.postgres``, so that a
URL that one of them takes is taken by all, with the same meaning. The words are those of libpq (psql, pg_dump).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit, urlunsplit

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
FORM = "postgresql://[user[:password]@]host[:port][,host[:port]…]/database[?word=value&…], special characters as %XX"
REDIS_FORM = "redis://[[user]:password@]host[:port][/number], rediss:// for TLS, special characters as %XX"
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SESSIONS = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
VERSIONS = ("TLSv1.2", "TLSv1.3")
TLS_WORDS = ("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation",
             "ssl_min_protocol_version", "ssl_max_protocol_version")  # fmt: skip
"""Handed on to the driver, which reads them as libpq does."""
PLACE_WORDS = ("host", "port", "dbname", "user", "password", "passfile")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "sslmode": MODES,
    "sslnegotiation": ("postgres", "direct"),
    "ssl_min_protocol_version": VERSIONS,
    "ssl_max_protocol_version": VERSIONS,
    "target_session_attrs": SESSIONS,
    # The driver does neither: what asks for no more than that is taken, as hosting providers put it into their URLs.
    "channel_binding": ("disable", "prefer"),
    "gssencmode": ("disable", "prefer"),
}
OTHER_WORDS = ("application_name", "connect_timeout", "options")
WORDS = (*PLACE_WORDS, *TLS_WORDS, *OTHER_WORDS, *(word for word in CHOICES if word not in TLS_WORDS))
REDIS_WORDS: Mapping[str, str] = {
    "db": r"\d{1,5}",
    "client_name": r"[!-~]{1,64}",
    "protocol": "2",
    "ssl_ca_certs": r".+",
    "ssl_certfile": r".+",
    "ssl_keyfile": r".+",
    "ssl_cert_reqs": "none|optional|required",
    "ssl_check_hostname": "true|false|True|False|1|0",
}
"""What a URL of Redis may ask for; all else (times, encodings) is the hub's to choose."""


class Wrong(ValueError):
    """A URL that can't be used: ``wrong`` says why without any secret, the text of the error what is accepted."""

    def __init__(self, wrong: str, accepted: str) -> None:
        super().__init__(accepted)
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Dsn:
    """Where a PostgreSQL is and how to log in to it. What is None is the driver's to find (PGUSER, PGPASSFILE …)."""

    hosts: tuple[tuple[str | None, int | None], ...]
    """Tried in this order; a host that begins with / is a directory of a socket. Without a host: the local socket."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    passfile: str | None = None
    tls: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The TLS_WORDS that are set, in their order there."""
    session: str = "any"
    application_name: str | None = None
    connect_timeout: float | None = None
    """Seconds for each host, or None."""
    options: str | None = None


@lru_cache(maxsize=16)
def parse(text: str) -> Dsn:
    """Read a URL of PostgreSQL. Raises Wrong, also when a file that it names can't be used."""
    parts = _split(text, SCHEMES, FORM)
    words = _words(parts.query, WORDS, FORM, {"ssl": "sslmode", "database": "dbname", "timeout": "connect_timeout"})
    for word, values in CHOICES.items():
        if word in words and words[word] not in values:
            raise Wrong(f"{word}= has a value that can't be used", f"{word}={'|'.join(values)}")
    login, _, places = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    hosts = _hosts(places, words.get("host"), words.get("port"))
    tls = tuple((word, words[word]) for word in TLS_WORDS if word in words)
    _check_files(dict(tls))
    return Dsn(
        hosts=hosts,
        user=words.get("user") or unquote(user) or None,
        password=words.get("password") or (unquote(password) if colon else None) or None,
        database=words.get("dbname") or unquote(parts.path.lstrip("/")) or None,
        passfile=words.get("passfile"),
        tls=tls,
        session=words.get("target_session_attrs", "any"),
        application_name=words.get("application_name"),
        connect_timeout=_seconds(words.get("connect_timeout")),
        options=words.get("options"),
    )


def database_url(text: str) -> str:
    """The URL in libpq's own form, checked. Raises Wrong."""
    parse(text)
    return text.replace("postgresql+asyncpg://", "postgresql://", 1)


def redis_url(text: str) -> str:
    """The URL of a Redis or Valkey, checked, without words that change nothing. Raises Wrong."""
    parts = _split(text, ("redis", "rediss"), REDIS_FORM)
    try:
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Wrong("it names no host, or a port that is none", REDIS_FORM)
    if not re.fullmatch(r"/?|/\d{1,5}", parts.path):
        raise Wrong("what follows the host is no number of a database", REDIS_FORM)
    words = _words(parts.query, tuple(REDIS_WORDS), REDIS_FORM, {})
    for word, pattern in REDIS_WORDS.items():
        if word in words and not re.fullmatch(pattern, words[word]):
            if word == "protocol":
                raise Wrong(
                    f"protocol={words[word][:8]} can't be used: workers would receive no wake-ups",
                    "protocol=2, or none",
                )
            raise Wrong(f"{word}= has a value that can't be used", f"{word}={pattern}")
    if parts.scheme == "redis" and (needless := [word for word in words if word.startswith("ssl_")]):
        raise Wrong(f"{needless[0]}= is for TLS alone", "rediss:// with it")
    for word in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"):
        if word in words:
            _readable(word, words[word])
    kept = "&".join(part for part in parts.query.split("&") if part and not part.startswith("protocol="))
    return urlunsplit(parts._replace(query=kept))


def with_password(url: str, password: str | None) -> str:
    """``url`` of Redis with ``password``, where it names a user without one."""
    parts = urlsplit(url)
    login, at, place = parts.netloc.rpartition("@")
    if not password or not at or ":" in login:
        return url
    return urlunsplit(parts._replace(netloc=f"{login}:{quote(password, safe='')}@{place}"))


def _split(text: str, schemes: tuple[str, ...], form: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Wrong("it is no URL", form) from None
    if parts.scheme not in schemes:
        raise Wrong(f"it does not begin with {schemes[0]}://", form)
    if re.search(r"[\s\x00-\x1f\x7f]", text) or parts.fragment:
        raise Wrong("it has a space, a control character or a # that is not written as %XX", form)
    return parts


def _words(query: str, known: tuple[str, ...], form: str, meant: Mapping[str, str]) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise Wrong("what follows the ? is not word=value&word=value", form) from None
    found: dict[str, str] = {}
    for word, value in pairs:
        if word not in known:
            shown = word if re.fullmatch(r"\w{1,32}", word) else "a word after the ?"
            hint = f"; {meant[word]}= is meant" if word in meant else ""
            raise Wrong(f"{shown}= is not known{hint}", ", ".join(known))
        if word in found:
            raise Wrong(f"{word}= stands there twice", "each word once")
        if value == "":
            raise Wrong(f"{word}= has no value", f"a value, or no {word}= at all")
        found[word] = value
    return found


def _hosts(places: str, host: str | None, port: str | None) -> tuple[tuple[str | None, int | None], ...]:
    """The hosts of the part before the path, or those of host= and port=, as libpq pairs them."""
    if places and host:
        raise Wrong("it names hosts before the path and by host= too", FORM)
    found: list[tuple[str | None, int | None]] = []
    for place in (host or places).split(","):
        match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|([^:\[\]]*))(?::(\d{1,5}))?", place)
        if host and re.fullmatch(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", place):  # an address as host= has it
            found.append((place, None))
        elif match is None or (host and match[3]):
            raise Wrong("a host or port of it can't be used", FORM)
        else:
            name = unquote(match[1] or match[2]) if not host else match[1] or match[2]
            found.append((name or None, _port(match[3]) if match[3] else None))
    if port:
        ports = [_port(each) for each in port.split(",")]
        if len(ports) not in (1, len(found)):
            raise Wrong("port= has another number of ports than there are hosts", "one port, or one for each host")
        ports *= len(found) if len(ports) == 1 else 1
        found = [(name, own or ports[n]) for n, (name, own) in enumerate(found)]
    return tuple(found)


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or not 1 <= int(text) <= 65535:
        raise Wrong("a port of it is not a number from 1 to 65535", FORM)
    return int(text)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,4}", text):
        raise Wrong("connect_timeout= is no whole number of seconds", "0 (no limit of its own) to 9999")
    return float(text) or None


def _check_files(tls: Mapping[str, str]) -> None:
    """Whether what the words of TLS name can be used: found out now, and not by each connection."""
    mode = tls.get("sslmode")
    if tls.get("sslrootcert") == "system":
        if mode not in (None, "verify-full"):
            raise Wrong("sslrootcert=system goes with sslmode=verify-full alone", "sslmode=verify-full, or none")
    elif mode in ("verify-ca", "verify-full") and "sslrootcert" not in tls:
        if not (Path.home() / ".postgresql" / "root.crt").exists():
            raise Wrong(f"sslmode={mode} needs the authority's certificate", "sslrootcert=FILE, or sslrootcert=system")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    loads: dict[str, Callable[[], None]] = {
        "sslrootcert": lambda: context.load_verify_locations(tls["sslrootcert"]),
        "sslcrl": lambda: context.load_verify_locations(tls["sslcrl"]),
        "sslcert": lambda: context.load_cert_chain(
            tls["sslcert"], tls.get("sslkey"), lambda: tls.get("sslpassword", "")
        ),
    }
    for word, load in loads.items():
        if word in tls and tls[word] != "system":
            _readable(word, tls[word])
            try:
                load()
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
                reason = getattr(error, "reason", None) or type(error).__name__
                raise Wrong(f"the file of {word}= can't be used ({reason})", "a file in PEM form") from None
    if "sslkey" in tls and "sslcert" not in tls:
        raise Wrong("sslkey= without sslcert=", "both")


def _readable(word: str, name: str) -> None:
    try:
        with Path(name).open("rb"):
            pass
    except OSError as error:
        raise Wrong(f"the file of {word}= can't be read ({error.strerror})", "a readable file") from None
