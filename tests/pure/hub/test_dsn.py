"""hub.dsn: which URLs are taken, what they mean, and the one line that refuses one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub import dsn
from tests.postbox import make_certificate


@pytest.mark.parametrize(
    ("url", "meaning"),
    [
        ("postgresql://u:p@h/d", {"hosts": (("h", None),), "user": "u", "password": "p", "database": "d"}),
        ("postgres://u:p@h:6432/d", {"hosts": (("h", 6432),)}),
        ("postgresql+asyncpg://u:p@h/d", {"hosts": (("h", None),), "database": "d"}),
        ("postgresql://u%40x:p%3A%2F%40%3F%23@h/d%20e", {"user": "u@x", "password": "p:/@?#", "database": "d e"}),
        ("postgresql://u:a@b@h/d", {"user": "u", "password": "a@b"}),
        ("postgresql://u@[::1]:5433/d", {"hosts": (("::1", 5433),), "password": None}),
        ("postgresql://u@a:1,[fe80::1%25eth0]:2,c/d", {"hosts": (("a", 1), ("fe80::1%eth0", 2), ("c", None))}),
        ("postgresql://u@a,b/d?port=6432", {"hosts": (("a", 6432), ("b", 6432))}),
        ("postgresql:///d?host=a,b&port=1,2", {"hosts": (("a", 1), ("b", 2))}),
        ("postgresql:///d?host=::1", {"hosts": (("::1", None),)}),
        ("postgresql:///d?host=/run/postgresql", {"hosts": (("/run/postgresql", None),)}),
        ("postgresql://%2Frun%2Fpostgresql:5433/d", {"hosts": (("/run/postgresql", 5433),)}),
        ("postgresql:///d", {"hosts": ((None, None),), "database": "d"}),
        ("postgresql://h/?dbname=d&user=u&password=p%26q", {"user": "u", "password": "p&q", "database": "d"}),
        ("postgresql://h/d?sslmode=require", {"tls": (("sslmode", "require"),)}),
        ("postgresql://h/d?sslrootcert=system", {"tls": (("sslrootcert", "system"),)}),
        ("postgresql://h/d?connect_timeout=7&application_name=x", {"connect_timeout": 7.0, "application_name": "x"}),
        ("postgresql://h/d?connect_timeout=0", {"connect_timeout": None}),
        ("postgresql://h/d?target_session_attrs=read-write", {"session": "read-write"}),
        ("postgresql://h/d?options=-c%20jit%3Doff", {"options": "-c jit=off"}),
        ("postgresql://h/d?channel_binding=prefer&gssencmode=disable", {"hosts": (("h", None),)}),
    ],
)
def test_url_of_postgresql_means_what_it_means_to_psql(url: str, meaning: dict[str, Any]) -> None:
    read = dsn.parse(url)
    assert {name: getattr(read, name) for name in meaning} == meaning


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("hub", "postgresql://"),
        ("mysql://h/d", "postgresql://"),
        ("postgresql://u:Zebulon@[h/d", "no URL"),
        ("postgresql://u:Zebulon@h:0/d", "port"),
        ("postgresql://u:Zebulon@h:65536/d", "port"),
        ("postgresql://u:Zebulon@h:x/d", "port"),
        ("postgresql://u:Zebulon@a,b,c/d?port=1,2", "number of ports"),
        ("postgresql://u:Zebulon@a/d?host=b", "before the path and by host="),
        ("postgresql://u:Zebulon@h/d e", "%XX"),
        ("postgresql://u:Zebulon@h/d#x", "%XX"),
        ("postgresql://u:Zebulon@h/d?ssl=require", "sslmode= is meant"),
        ("postgresql://u:Zebulon@h/d?timeout=3", "connect_timeout= is meant"),
        ("postgresql://u:Zebulon@h/d?statement_cache_size=0", "statement_cache_size= is not known"),
        ("postgresql://u:Zebulon@h/d?minsize=900", "minsize= is not known"),
        ("postgresql://u:Zebulon@h/d?passwort%0A=Zebulon", "a word after the ?"),
        ("postgresql://u:Zebulon@h/d?sslmode", "word=value"),
        ("postgresql://u:Zebulon@h/d?sslmode=", "no value"),
        ("postgresql://u:Zebulon@h/d?sslmode=maybe", "sslmode"),
        ("postgresql://u:Zebulon@h/d?sslmode=disable&sslmode=require", "twice"),
        ("postgresql://u:Zebulon@h/d?target_session_attrs=any-will-do", "target_session_attrs"),
        ("postgresql://u:Zebulon@h/d?channel_binding=require", "channel_binding"),
        ("postgresql://u:Zebulon@h/d?gssencmode=require", "gssencmode"),
        ("postgresql://u:Zebulon@h/d?connect_timeout=soon", "connect_timeout"),
        ("postgresql://u:Zebulon@h/d?sslrootcert=/no/such", "can't be read (No such file"),
        ("postgresql://u:Zebulon@h/d?sslmode=require&sslrootcert=system", "verify-full"),
        ("postgresql://u:Zebulon@h/d?sslkey=/no/such", "sslcert"),
    ],
)
def test_what_can_not_be_meant_is_refused_in_a_line_without_secrets(url: str, words: str) -> None:
    with pytest.raises(dsn.Wrong) as caught:
        dsn.parse(url)
    text = f"{caught.value.wrong}; accepted: {caught.value}"
    assert words in text
    assert "\n" not in text and "Zebulon" not in text


def test_files_of_tls_are_looked_at_when_the_url_is_read(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    well = f"postgresql://h/d?sslmode=verify-full&sslrootcert={certificate}.crt&sslcert={certificate}"
    assert dsn.parse(well).tls[0] == ("sslmode", "verify-full")
    (tmp_path / "text").write_text("no certificate")
    for word in ("sslrootcert", "sslcert", "sslcrl"):
        with pytest.raises(dsn.Wrong) as caught:
            dsn.parse(f"postgresql://h/d?{word}={tmp_path}/text")
        assert f"the file of {word}= can't be used" in caught.value.wrong


def test_verifying_without_an_authority_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(dsn.Wrong, match="sslrootcert=FILE, or sslrootcert=system"):
        dsn.parse("postgresql://h/d?sslmode=verify-full")


def test_password_is_in_no_text_about_it() -> None:
    assert "Zebulon" not in repr(dsn.parse("postgresql://u:Zebulon@h/d"))


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("redis://h", "redis://h"),
        ("redis://:p%40ss@h:6380/3", "redis://:p%40ss@h:6380/3"),
        ("rediss://u:p@h/0?ssl_cert_reqs=none", "rediss://u:p@h/0?ssl_cert_reqs=none"),
        ("redis://h/0?protocol=2&client_name=hub", "redis://h/0?client_name=hub"),
        ("redis://[::1]:6379", "redis://[::1]:6379"),
    ],
)
def test_url_of_redis(url: str, read: str) -> None:
    assert dsn.redis_url(url) == read


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://h", "redis://"),
        ("redis://", "no host"),
        ("redis://h:0", "port"),
        ("redis://:Zebulon@a:1,b:2/0", "port"),
        ("redis://:Zebulon@h/main", "number of a database"),
        ("redis://:Zebulon@h/0?protocol=3", "workers would receive no wake-ups"),
        ("redis://:Zebulon@h/0?legacy_responses=false", "legacy_responses= is not known"),
        ("redis://:Zebulon@h/0?decode_responses=true", "decode_responses= is not known"),
        ("redis://:Zebulon@h/0?socket_timeout=60", "socket_timeout= is not known"),
        ("redis://:Zebulon@h/0?ssl_cert_reqs=none", "rediss://"),
        ("rediss://:Zebulon@h/0?ssl_cert_reqs=perhaps", "ssl_cert_reqs"),
        ("rediss://:Zebulon@h/0?ssl_ca_certs=/no/such", "can't be read"),
    ],
)
def test_what_a_url_of_redis_can_not_ask_for(url: str, words: str) -> None:
    with pytest.raises(dsn.Wrong) as caught:
        dsn.redis_url(url)
    text = f"{caught.value.wrong}; accepted: {caught.value}"
    assert words in text
    assert "\n" not in text and "Zebulon" not in text
