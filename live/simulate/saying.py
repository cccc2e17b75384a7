"""The running log: a time, who, and what they do."""

import sys
from datetime import datetime


def say(who: str, what: str) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(f"{datetime.now().astimezone():%H:%M:%S}  {who:<18.18}  {what}\n")
    sys.stdout.flush()
