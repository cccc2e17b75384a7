"""Word rules: what may be said in chat, and what happens when it is said."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from moderation.audit import Act, Audit
from moderation.errors import InvalidInput
from moderation.events import new_id
from moderation.matching import Matcher, compile_pattern
from moderation.model import Action, Match, Verdict, WordRule
from moderation.normalise import normalise, vanishes
from moderation.ports import Clock

LONGEST_PATTERN = 64
_NEVER = -1


_SEVERITY = {action: rank for rank, action in enumerate(Action)}


class WordList:
    """The compiled rules of one version. Pure."""

    def __init__(self, rules: Sequence[WordRule]) -> None:
        self._rules = {rule.id: rule for rule in rules if rule.action is not Action.ALLOW}
        allowed = (rule.pattern for rule in rules if rule.action is Action.ALLOW)
        self._allowed = tuple(normalise(phrase).text.strip("* ") for phrase in allowed)
        compiled = ((rule.id, compile_pattern(rule.pattern)) for rule in self._rules.values())
        self._matcher = Matcher((name, pattern) for name, pattern in compiled if pattern is not None)

    def find(self, text: str) -> tuple[Match, ...]:
        """All matches by their place in `text`, those on the allow list left out."""
        normal = normalise(text)
        allowed = [span for phrase in self._allowed for span in _occurrences(phrase, normal.text)]
        matches: list[Match] = []
        for rule_id, spans in self._matcher.find(normal).items():
            rule = self._rules[rule_id]
            for start, end in spans:
                if not any(first <= start and end <= last for first, last in allowed):
                    matches.append(Match(rule.id, rule.pattern, rule.action, rule.category, *normal.span(start, end)))
        return tuple(sorted(matches, key=lambda match: (match.start, match.end, match.rule_id)))

    def check(self, text: str) -> Verdict:
        """The severest action of all matches, and the text with the masked ones starred out (same length)."""
        matches = self.find(text)
        action = max((match.action for match in matches), key=_SEVERITY.__getitem__, default=Action.ALLOW)
        shown, again = text, [match for match in matches if match.action is Action.MASK]
        while again:  # stars are gaps too: what is left beside them may be a word of its own
            for match in again:
                shown = shown[: match.start] + _stars(shown[match.start : match.end]) + shown[match.end :]
            again = [match for match in self.find(shown) if match.action is Action.MASK]
        return Verdict(action, shown, text, matches)


def _stars(text: str) -> str:
    return "".join(c if c.isspace() and not vanishes(c) else "*" for c in text)


def _occurrences(phrase: str, text: str) -> Iterable[tuple[int, int]]:
    start = text.find(phrase)
    while start >= 0:
        yield start, start + len(phrase)
        start = text.find(phrase, start + 1)


class RuleStore(Protocol):
    """Where rules are kept. Every change raises the version in the same transaction."""

    async def version(self) -> int: ...

    async def list(self) -> tuple[WordRule, ...]: ...

    async def add(self, rule: WordRule, key: str, session: object) -> None:
        """Raises `RuleExists` when a rule with this key is there."""
        ...

    async def remove(self, rule_id: str, session: object) -> None:
        """Raises `RuleUnknown`."""
        ...


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """`fresh_for`: how long a process may go on with its compiled rules before it asks for the version again."""

    fresh_for: timedelta = timedelta(seconds=1)
    categories: frozenset[str] = field(
        default_factory=lambda: frozenset({"abuse", "sexual", "violence", "fraud", "spam", "minor", "other"})
    )


class Rules:
    """The rules of the house. A change is in force at once here, and after `fresh_for` in every other process."""

    def __init__(self, store: RuleStore, audit: Audit, clock: Clock, settings: RuleSettings) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._settings = settings
        self._words = WordList(())
        self._version = _NEVER
        self._loading = asyncio.Lock()
        self._asked_at: datetime | None = None

    async def check(self, text: str) -> Verdict:
        """What to do with a text. Pure computation but for one small read a second."""
        await self._refresh()
        return self._words.check(text)

    async def list(self) -> tuple[WordRule, ...]:
        """All rules, oldest first."""
        return await self._store.list()

    async def version(self) -> int:
        """Rises by one with every change."""
        return await self._store.version()

    async def add(
        self, pattern: str, action: Action, category: str, by: str, note: str = "", language: str = "any"
    ) -> WordRule:
        """Raises `InvalidInput` (pattern, category, note, language) and `RuleExists`."""
        pattern = pattern.strip()
        key = self._key(pattern, action)
        if category not in self._settings.categories:
            raise InvalidInput("category", f"One of {', '.join(sorted(self._settings.categories))}.")
        if language not in {"zh", "en", "any"}:
            raise InvalidInput("language", "zh, en or any.")
        if len(note) > 200:
            raise InvalidInput("note", "At most 200 characters.")
        rule = WordRule(new_id("rul"), pattern, action, category, language, note, by, self._clock())
        act = Act(by, "rule.add", rule.id, note, {"pattern": pattern, "action": action.value, "category": category})
        await self._audit.record(act, lambda session: self._store.add(rule, key, session))
        await self._reload()
        return rule

    async def remove(self, rule_id: str, by: str, why: str = "") -> None:
        """Raises `RuleUnknown`."""
        pattern = next((rule.pattern for rule in await self._store.list() if rule.id == rule_id), None)
        act = Act(by, "rule.remove", rule_id, why, {"pattern": pattern})
        await self._audit.record(act, lambda session: self._store.remove(rule_id, session))
        await self._reload()

    def _key(self, pattern: str, action: Action) -> str:
        """What makes two rules the same; also the check that there is something to match."""
        if not 1 <= len(pattern) <= LONGEST_PATTERN:
            raise InvalidInput("pattern", f"1 to {LONGEST_PATTERN} characters.")
        compiled = compile_pattern(pattern)
        if compiled is None or (len(compiled.key) == 1 and compiled.latin):
            raise InvalidInput("pattern", "Needs two letters, or one Chinese character.")
        allow = "allow:" if action is Action.ALLOW else ""
        return f"{allow}{'*' * compiled.open_start}{compiled.key}{'*' * compiled.open_end}"

    async def _refresh(self) -> None:
        if self._version == _NEVER:
            async with self._loading:  # nobody is checked against rules that are not there yet
                if self._version == _NEVER:
                    await self._reload()
        now = self._clock()
        if self._asked_at is not None and now - self._asked_at < self._settings.fresh_for:
            return
        self._asked_at = now
        if await self._store.version() != self._version:
            await self._reload()

    async def _reload(self) -> None:
        version = await self._store.version()  # before the rules: a change in between is then seen next time
        words = WordList(await self._store.list())
        if version < self._version:
            return  # a later change was read meanwhile
        self._words = words
        self._version = version
        self._asked_at = self._clock()
