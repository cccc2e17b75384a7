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
