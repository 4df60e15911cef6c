"""hub.domain.text: what looks alike is alike, what can't be seen is gone, and what everybody guesses is no password."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commands.weak_passwords import common_passwords
from hub.domain import text

ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
SAID = st.sampled_from(["Ada", "Café", "李", "سینا", "👨‍👩‍👧", "क्‍ष", "O'Neill-Ø"])


@given(ANY)
def test_clean_text_is_its_own_clean_form(typed: str) -> None:
    assert text.clean(text.clean(typed)) == text.clean(typed)


@given(ANY)
def test_clean_text_is_one_line_of_normal_form_without_what_can_not_be_seen(typed: str) -> None:
    found = text.clean(typed)
    assert found == unicodedata.normalize("NFC", found) == found.strip()
    assert "  " not in found
    for character in found:
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"):
            assert character in (text.ZWJ, text.ZWNJ)


@given(ANY)
def test_however_accents_are_composed_the_name_is_one(typed: str) -> None:
    for form in ("NFC", "NFD"):
        assert text.clean(unicodedata.normalize(form, typed)) == text.clean(typed)


@given(ANY)
def test_folding_is_stable_and_knows_no_case(typed: str) -> None:
    assert text.folded(text.folded(typed)) == text.folded(typed)
    assert text.folded(text.clean(typed)) == text.folded(typed)


@given(SAID, st.text(st.sampled_from("\u200b\u200e\u200f\u202a\u202e\u2066\u2069\u00ad\ufeff\u0007\ue000"), max_size=4))
def test_invisible_characters_around_a_name_leave_the_name(said: str, invisible: str) -> None:
    assert text.name(invisible + said + invisible, most=64) == unicodedata.normalize("NFC", said)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \t\n Guest ", "Ada Guest"),
        ("Cafe\u0301", "Café"),
        ("e\u200b\u0301", "é"),
        ("李", "李"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("👩🏽\u200d🍳", "👩🏽\u200d🍳"),
        ("\u200dAda\u200c", "Ada"),
        ("Ada\u200d Guest", "Ada Guest"),
        ("a\u202eb", "ab"),
    ],
)
def test_name_is_kept_as_it_is_read(typed: str, kept: str) -> None:
    assert text.name(typed, most=255) == kept


@pytest.mark.parametrize(
    "typed",
    ["", " ", "\u200b\u200b", "\u200d\u200c", "\u3164", "\u2800\u2800", "\u0301", "\u202e ", "\ufeff", "\ue000"],
)
def test_name_of_nothing_visible_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match="visible"):
        text.name(typed, most=255)


def test_length_counts_in_the_normal_form() -> None:
    assert len(text.name("e\u0301" * 64, most=64)) == 64
    with pytest.raises(ValueError, match="64"):
        text.name("\u0958" * 33, most=64)  # its normal form has two characters


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("t2-1", "T2-1"),
        ("Café 1", "Cafe\u0301 1"),
        ("CAFÉ", "cafe\u0301"),
        ("T2", "\uff34\uff12"),
        ("Straße", "STRASSE"),
        ("Ⅳ", "IV"),
        ("T\u200b2", "T2"),
    ],
)
def test_names_that_people_take_for_one_fold_alike(one: str, other: str) -> None:
    assert text.folded(one) == text.folded(other)


@pytest.mark.parametrize(("one", "other"), [("T2-1", "T2-2"), ("Cafe", "Café"), ("T1", "Т1")])
def test_names_that_differ_stay_apart(one: str, other: str) -> None:
    """The last pair is Latin and Cyrillic: to tell letters of two scripts apart is not what folding does."""
    assert text.folded(one) != text.folded(other)


@given(ANY)
def test_password_is_one_in_each_composition(typed: str) -> None:
    composed, decomposed = unicodedata.normalize("NFC", typed), unicodedata.normalize("NFD", typed)
    assert text.password(composed) == text.password(decomposed)
    assert {text.password(typed), typed, decomposed} == set(text.forms_of_password(typed))


OWN = {
    "the e-mail": "ada.guest@example.com",
    "its first part": "ada.guest",
    "the name": "Ada Guest",
    "venue": "Bistro Élan",
}


@pytest.mark.parametrize(
    "typed",
    [
        "password", "Password", "PASSWORD", "12345678", "iloveyou", "qwertyuiop", "password123", "        ",
        "\u3000" * 9, "aaaaaaaa", "abababab", "abcdefgh", "87654321", "йцукенгшщ", "ada.guest@example.com",
        "ADA.GUEST@EXAMPLE.COM", "ada.guest", "adaguest", "Ada Guest!", "adaguest2026", "bistro élan",
        "bistro e\u0301lan",
        "BistroÉlan1",
    ],
)  # fmt: skip
def test_what_everybody_tries_first_is_weak(typed: str) -> None:
    assert text.weakness(typed, common=common_passwords(), own=OWN)


@pytest.mark.parametrize(
    "typed", ["correct horse battery", "Zebulon's battery", "7пять-яблок", "ada.guest and the whale", "k2v-9x0ab"]
)
def test_what_nobody_guesses_is_not(typed: str) -> None:
    assert text.weakness(typed, common=common_passwords(), own=OWN) is None


def test_empty_name_of_the_owner_forbids_nothing() -> None:
    assert text.weakness("k2v-9x0ab", common=frozenset(), own={"the name": "–"}) is None
