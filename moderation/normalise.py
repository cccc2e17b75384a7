"""The normal form in which text is compared with word rules, and the way back to the original.

Order of work, each character by itself, so that every character of the normal form knows where it came from:
compatibility decomposition (full-width, circled, mathematical letters, ligatures), invisibles and combining marks
away, case folding, look-alikes of other scripts to Latin, traditional Chinese to simplified. Digits and symbols that
stand for letters are the matcher's part (`matching.py`): folding them here would make "A55" an insult.
"""

import functools
import unicodedata
from dataclasses import dataclass

from moderation.characters import ENCLOSED, INVISIBLE, LOOKALIKES, SIMPLIFIED

_FOLD = {**LOOKALIKES, **SIMPLIFIED}


@dataclass(frozen=True, slots=True)
class Normal:
    """`text` is the normal form of `original`; `origin[i]` is the index in it that `text[i]` came from (rising)."""

    original: str
    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the original behind `text[start:end]`, with the marks on its last character."""
        last = self.origin[end - 1] + 1
        while last < len(self.original) and vanishes(self.original[last]):
            last += 1
        return self.origin[start], last


def vanishes(char: str) -> bool:
    """Whether the character leaves nothing in the normal form."""
    return not _fold(char)


def normalise(text: str) -> Normal:
    """The normal form of any string; never fails, lone surrogates included."""
    characters: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        for folded in _fold(char):
            characters.append(folded)
            origin.append(index)
    return Normal(text, "".join(characters), tuple(origin))


@functools.lru_cache(maxsize=16_384)
def _fold(char: str) -> str:
    decomposed = unicodedata.normalize("NFKD", ENCLOSED.get(char, char))
    return "".join(_FOLD.get(c, c) for c in decomposed.casefold() if not _invisible(c)).translate(_SPACES)


def _invisible(char: str) -> bool:
    if char in "\t\n\r":
        return False
    return char in INVISIBLE or unicodedata.category(char) in {"Cf", "Cc", "Cs"}


_SPACES = {ord(c): " " for c in "\t\n\r\u2028\u2029\u1680"}
