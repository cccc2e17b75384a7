"""The running log: a time, who, and what they do."""

import sys
import unicodedata
from datetime import datetime

COLUMNS = 18


def say(who: str, what: str) -> None:
    """One line on standard output, at once."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in who)  # those take two columns
    sys.stdout.write(f"{datetime.now().astimezone():%H:%M:%S}  {who:<{COLUMNS - wide}}  {what}\n")
    sys.stdout.flush()


class Contact:
    """Whether the server answers; said once for all players when it changes."""

    def __init__(self) -> None:
        self._away = False

    def lost(self, error: Exception) -> None:
        """A request did not get through."""
        if not self._away:
            say("server", f"is away ({type(error).__name__}), trying again")
        self._away = True

    def found(self) -> None:
        """A request was answered."""
        if self._away:
            say("server", "is back")
        self._away = False
