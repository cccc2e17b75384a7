"""Finding words in text that was written to hide them.

Two steps. The text's *skeleton* (letters and digits only, digits and symbols folded to the letter that they imitate,
repeats collapsed) goes through one Aho-Corasick automaton of all skeletons: fast, and far too generous. Each candidate
is then held against the normal form by a small state machine that knows how often each letter must come ("as" is not
"ass"), which gaps may lie between ("f.u.c.k", "f u c k", not "as soon"), and where a Latin word ends (not "class").
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import ahocorasick

from moderation.normalise import Normal, normalise

IMITATIONS = {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+"}
"""Digits and symbols that stand for a letter."""

SYMBOLS = frozenset("@!|$+")
LONGEST_GAP = 3
# Bounds for text made to be slow; nobody reads a word that needs more.
_MOST_STARTS = 16
_MOST_ENDS = 8
_SKELETON = {imitation: letter for letter, those in IMITATIONS.items() for imitation in those} | {
    "1": "i",
    "|": "i",
    "l": "i",
}
_SENTENCE_BREAKS = frozenset(",!?;:。、\u3001")


@dataclass(frozen=True, slots=True)
class Run:
    """One letter of a pattern: any of `letters`, at least `least` times."""

    letters: frozenset[str]
    least: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled word. `open_start` and `open_end` (a `*` in the rule) let it lie inside a longer Latin word."""

    key: str
    skeleton: str
    runs: tuple[Run, ...]
    open_start: bool
    open_end: bool
    phrase: bool
    digits: bool

    @property
    def latin(self) -> bool:
        """Whether it begins and ends with Latin letters or digits: then it is a word, with an end on both sides."""
        return self.key[0].isascii() and self.key[-1].isascii()


def compile_pattern(word: str) -> Pattern | None:
    """The compiled form of a rule's word; None when nothing is left of it after normalising."""
    text = normalise(word).text.strip()
    key = "".join(c for c in text if c.isalnum())
    if not key:
        return None
    runs = tuple(
        Run(frozenset(letter + IMITATIONS.get(letter, "")), len(list(repeats))) for letter, repeats in groupby(key)
    )
    skeleton = "".join(_SKELETON.get(c, c) for c in key)
    return Pattern(
        key=key,
        skeleton="".join(letter for letter, _ in groupby(skeleton)),
        runs=runs,
        open_start=text.startswith("*"),
        open_end=text.endswith("*"),
        phrase=" " in text,
        digits=any(c.isdigit() for c in key),
    )


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """`positions[i]` are the indices of the normal form that became `text[i]`."""

    text: str
    positions: tuple[tuple[int, ...], ...]


def _skeletons(text: str) -> Iterator[_Skeleton]:
    """With symbols as letters ("@ss") and, when there are any, with symbols as gaps ("f|u|c|k")."""
    yield _skeleton(text, symbols=True)
    if not SYMBOLS.isdisjoint(text):
        yield _skeleton(text, symbols=False)


def _skeleton(text: str, *, symbols: bool) -> _Skeleton:
    folded: list[str] = []
    positions: list[list[int]] = []
    for index, char in enumerate(text):
        if not char.isalnum() and not (symbols and char in SYMBOLS):
            continue
        letter = _SKELETON.get(char, char)
        if folded and folded[-1] == letter:
            positions[-1].append(index)
        else:
            folded.append(letter)
            positions.append([index])
    return _Skeleton("".join(folded), tuple(tuple(p) for p in positions))


class Matcher:
    """All patterns compiled into one automaton. Immutable after construction; cheap to share."""

    def __init__(self, words: Iterable[tuple[str, Pattern]]) -> None:
        """`words` are (name, pattern); a name comes back with each of its matches."""
        by_skeleton: dict[str, list[tuple[str, Pattern]]] = {}
        for name, pattern in words:
            by_skeleton.setdefault(pattern.skeleton, []).append((name, pattern))
        self._automaton = ahocorasick.Automaton()
        for skeleton, patterns in by_skeleton.items():
            self._automaton.add_word(skeleton, tuple(patterns))
        self._empty = not by_skeleton
        self._automaton.make_automaton()

    def find(self, normal: Normal) -> dict[str, set[tuple[int, int]]]:
        """Half-open ranges of the normal form by name."""
        found: dict[str, set[tuple[int, int]]] = {}
        if self._empty:
            return found
        for skeleton in _skeletons(normal.text):
            for end, patterns in self._automaton.iter(skeleton.text):
                for name, pattern in patterns:
                    start = end - len(pattern.skeleton) + 1
                    found.setdefault(name, set()).update(_verified(pattern, normal.text, skeleton.positions[start]))
        return {name: spans for name, spans in found.items() if spans}


def _verified(pattern: Pattern, text: str, starts: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The matches that begin at one of `starts` (ascending), none inside another."""
    done = tried = 0
    previous = starts[0]
    for start in starts:
        again = 0 < start - previous <= LONGEST_GAP + 1 and text[start] == text[previous]
        previous = start
        if again or start < done or not _opens(pattern, text, start):
            continue  # a later start in the same repeat finds nothing that the first one did not
        tried += 1
        if tried > _MOST_STARTS:
            return
        end = _longest(pattern, text, start)
        if end is not None:
            done = end
            yield start, end


def _longest(pattern: Pattern, text: str, start: int) -> int | None:
    """Where the longest match from `start` ends, or None. All ways are followed at once: linear in the text."""
    last = len(pattern.runs) - 1
    accepting = (last, pattern.runs[last].least, 0)
    states = {(0, 1, 0)} if text[start] in pattern.runs[0].letters else set()
    ends: list[int] = []
    for index in range(start + 1, len(text) + 1):
        if accepting in states and _closes(pattern, text, index):
            ends.append(index)
        if not states or index == len(text):
            break
        states = _step(pattern, states, text[index])
    ends.reverse()
    likely = ends if len(ends) <= 2 * _MOST_ENDS else [*ends[:_MOST_ENDS], *ends[-_MOST_ENDS:]]
    return next((end for end in likely if _fits(pattern, text, start, end)), None)


def _step(pattern: Pattern, states: set[tuple[int, int, int]], char: str) -> set[tuple[int, int, int]]:
    """One character on: a state is (run, how often its letter came, length of the gap since)."""
    following: set[tuple[int, int, int]] = set()
    gap_allowed = not char.isalnum() and (pattern.latin or char not in _SENTENCE_BREAKS)
    for run, count, gap in states:
        least = pattern.runs[run].least
        if char in pattern.runs[run].letters:
            following.add((run, min(count + 1, least), 0))
        if count == least and run + 1 < len(pattern.runs) and char in pattern.runs[run + 1].letters:
            following.add((run + 1, 1, 0))
        if gap_allowed and gap < LONGEST_GAP:
            following.add((run, count, gap + 1))
    return following


def _opens(pattern: Pattern, text: str, start: int) -> bool:
    return pattern.open_start or not _letter(pattern.key[0]) or start == 0 or not _letter(text[start - 1])


def _closes(pattern: Pattern, text: str, end: int) -> bool:
    return pattern.open_end or not _letter(pattern.key[-1]) or end == len(text) or not _letter(text[end])


def _fits(pattern: Pattern, text: str, start: int, end: int) -> bool:
    """Whether the match is not made of innocent words or of a number."""
    piece = text[start:end]
    if " " in piece and not pattern.phrase and not _stands_alone(pattern, text, start, end):
        return False
    if not pattern.latin:
        return True
    return _spelled_out(pattern, piece) and _not_a_number(pattern, piece)


def _stands_alone(pattern: Pattern, text: str, start: int, end: int) -> bool:
    """No letter touches it. "push it": a star in a rule is for longer words, not for two of them."""
    before = start > 0 and _letter(pattern.key[0]) and _letter(text[start - 1])
    after = end < len(text) and _letter(pattern.key[-1]) and _letter(text[end])
    return not before and not after


def _letter(char: str) -> bool:
    """A letter of a script that puts spaces between words."""
    return char.isalpha() and char < "\u2e80"


def _spelled_out(pattern: Pattern, piece: str) -> bool:
    """Spaces inside one word only as in "f u c k" or "fu ck": pieces of one letter, of two in words from four on."""
    pieces = piece.split()
    if pattern.phrase or len(pieces) == 1:
        return True
    longest = 2 if len(pattern.key) >= 4 else 1
    return all(len(list(groupby(part))) <= longest for part in pieces)


def _not_a_number(pattern: Pattern, piece: str) -> bool:
    """A word without digits of its own needs two real letters once digits stand for others: "a55" is a telephone."""
    if pattern.digits or not any(c.isdigit() for c in piece):
        return any(c.isalnum() or c in "@$" for c in piece)
    return sum(c.isalpha() for c in piece) >= 2
