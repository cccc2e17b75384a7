"""Why sessions ended, for a peer that asks afterwards: a closed connection does not say."""

from media.session import Session

KEPT = 2000  # sessions


class Endings:
    """The last ones of a node, by session id."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def note(self, session: Session) -> None:
        """It has just ended."""
        while len(self._reasons) >= KEPT:
            del self._reasons[next(iter(self._reasons))]
        self._reasons[session.id] = session.reason

    def tell(self, session: str) -> str:
        """One sentence on a session that is not there."""
        reason = self._reasons.get(session)
        return "no such session" if reason is None else f"the session has ended: {reason}"
