"""Who may not come in: shows that were cut, people who were put out, and everybody while a node drains."""

from collections.abc import Callable
from typing import TypeVar

from media.errors import NodeDrainingError, ShowCutError, SubjectBannedError

BAN = 24 * 3600.0  # seconds: longer than any token lives
REMEMBERED = 10_000  # cuts and bans kept at most

K = TypeVar("K")


class Admission:
    """`draining`: the node is about to end. `now` is the loop's clock."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._cut: dict[str, float] = {}
        self._banned: dict[tuple[str, str], float] = {}
        self.draining = False

    def check(self, show: str, subject: str, *, newcomer: bool = True) -> None:
        """Raises ShowCutError, SubjectBannedError or, for a newcomer, NodeDrainingError."""
        if show in self._cut:
            raise ShowCutError("this show has been cut")
        if self._banned.get((show, subject), 0.0) > self._now():
            raise SubjectBannedError("you have been put out of this show")
        if newcomer and self.draining:
            raise NodeDrainingError("this node is about to end; try again, another one will take you")

    def cut(self, show: str) -> None:
        """Nobody may publish or watch it."""
        self._remember(self._cut, show, self._now())

    def restore(self, show: str) -> None:
        """Take a cut back."""
        self._cut.pop(show, None)

    def ban(self, show: str, subject: str) -> None:
        """This person may not publish or watch it."""
        self._remember(self._banned, (show, subject), self._now() + BAN)

    def pardon(self, show: str, subject: str) -> None:
        """Take a ban back."""
        self._banned.pop((show, subject), None)

    @staticmethod
    def _remember(kept: dict[K, float], key: K, value: float) -> None:
        kept.pop(key, None)
        while len(kept) >= REMEMBERED:
            del kept[next(iter(kept))]
        kept[key] = value
