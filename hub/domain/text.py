"""Normal forms of what people type: names, and passwords. Pure.

Text that looks alike is made alike (NFC), what can't be seen is taken out, and something visible must be left. Names
are compared by their folded form.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

ZWNJ, ZWJ = "\u200c", "\u200d"
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols that show nothing: the Hangul fillers and the empty Braille pattern."""
RUSSIAN_KEYS = str.maketrans(
    "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
)  # the letters of one keyboard on the keys of the other
FEW = 2
"""Of so few different characters, or fewer, a password can't consist."""


def clean(text: str) -> str:
    """One line of text in its normal form: NFC; controls, formats and private characters taken out; white space as
    single spaces. The joiners of Persian, of the scripts of India and of emoji stay between visible characters."""
    kept: list[str] = []
    normal = unicodedata.normalize("NFC", text)
    for index, character in enumerate(normal):
        category = unicodedata.category(character)
        if character.isspace() or category in ("Zs", "Zl", "Zp"):
            kept.append(" ")
        elif character in (ZWJ, ZWNJ):
            if _joins(normal, index):
                kept.append(character)
        elif category not in ("Cc", "Cf", "Co", "Cs"):
            kept.append(character)
    # What was taken out may have stood between a letter and its accent.
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def _joins(text: str, index: int) -> bool:
    """Whether the character at ``index`` stands between two that can be joined: letters, marks, symbols."""
    return 0 < index < len(text) - 1 and all(
        unicodedata.category(neighbour)[0] in "LMS" and neighbour not in BLANK
        for neighbour in (text[index - 1], text[index + 1])
    )


def is_visible(text: str) -> bool:
    """Whether anybody sees something of it: a letter, a number, a punctuation mark or a symbol."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in BLANK for character in text)


def name(text: str, *, most: int) -> str:
    """A name in its normal form, of 1 to ``most`` characters. Raises ValueError when nothing visible is left."""
    found = clean(text)
    if not is_visible(found):
        raise ValueError("something visible is needed")
    if len(found) > most:
        raise ValueError(f"at most {most} characters")
    return found


def folded(text: str) -> str:
    """What two names have in common that people would take for one: case, width and the way to write an accent."""
    decomposed = unicodedata.normalize("NFKC", clean(text)).casefold()
    return clean(unicodedata.normalize("NFKC", decomposed))


def password(text: str) -> str:
    """A password in the form in which it is hashed and checked: however a keyboard composes an accent."""
    return unicodedata.normalize("NFC", text)


def forms_of_password(text: str) -> list[str]:
    """Every form in which this password may have been hashed: the normal one first, then as typed, then decomposed."""
    return list(dict.fromkeys((password(text), text, unicodedata.normalize("NFD", text))))


def weakness(text: str, *, common: frozenset[str], own: dict[str, str]) -> str | None:
    """What makes this password one of the first that a guesser tries, or None.

    ``common`` holds the commonest passwords in lower case; ``own`` what is known of its owner and the place, by what
    it is called: a password may not be one of these, alone or with a few digits or signs behind it.
    """
    plain = password(text).casefold()
    if not plain.strip() or not is_visible(plain):
        return "white space alone is no password"
    if len(set(plain)) <= FEW:
        return "it needs more different characters"
    if _is_row(plain):
        return "it is a row of neighbouring characters"
    if plain in common or plain.translate(RUSSIAN_KEYS) in common:
        return "it is one of the commonest passwords"
    bare = _bare(plain)
    for what, value in own.items():
        word = _bare(password(value).casefold())
        if word and (bare == word or re.fullmatch(re.escape(word) + r"\d{1,4}", bare)):
            return f"it is {what}"
    return None


def _bare(text: str) -> str:
    """Letters and digits alone."""
    return "".join(character for character in text if character.isalnum())


def _is_row(text: str) -> bool:
    """Whether each character is the next one after the one before it, or each the one before: abcdefgh, 87654321."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})
