"""Text that others read: there is something to see in it, and nothing that deceives the eye."""

import unicodedata
from typing import Final

from pydantic import AfterValidator

#: Letters that show nothing (fillers of Hangul, the empty Braille cell).
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
#: Signs that turn the rest of the line around (UAX #9, explicit formatting).
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SEEN: Final = frozenset("LNPS")


def checked_text(text: str) -> str:
    """The text as it is. Raises ValueError."""
    if any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in text) or _TURNING & set(text):
        raise ValueError("no control characters")
    if not any(unicodedata.category(sign)[0] in _SEEN and sign not in _BLANK for sign in text):
        raise ValueError("nothing to see in it")
    return text


#: For Annotated types: after what trims and measures.
Visible: Final = AfterValidator(checked_text)
