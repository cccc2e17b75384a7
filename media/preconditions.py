"""If-Match (RFC 9110 section 13.1.1) on the ICE session of a WHIP or WHEP resource (RFC 9725 section 4.3.1)."""

import re
from collections.abc import Sequence

from media.errors import PreconditionFailedError, PreconditionRequiredError

#: RFC 9110 section 8.8.3. Weak tags are read, and never match: the comparison is strong.
_TAG = re.compile(r'\s*(?P<weak>W/)?(?P<tag>"[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')


def tags(value: str) -> set[str]:
    """The strong entity tags of a list, with their quotes; what is no tag is left out."""
    return {match["tag"] for match in _TAG.finditer(value) if match["weak"] is None}


def check(values: Sequence[str], current: str) -> None:
    """All If-Match fields of a request against the current tag.

    `*` fits any session, and so does `"*"`: RFC 9725 writes it both ways.
    Raises PreconditionRequiredError, PreconditionFailedError.
    """
    if not values:
        raise PreconditionRequiredError("If-Match must name the ICE session, or be * for a restart", "If-Match")
    value = ",".join(values)
    if value.strip() == "*" or tags(value) & {current, '"*"'}:
        return
    raise PreconditionFailedError("that ICE session is no longer current", "If-Match")
