"""Conditional requests (RFC 9110, section 13.1) on what has a `revision`, a member of its JSON.

`If-Match: "12"`: only if it is still revision 12. `If-None-Match: *`: only if there is none yet. Without either it is
written over whatever is there, as a script that knows what it does may want it.
"""

import re
from collections.abc import Mapping
from typing import Final

from live.http.problem import Problem

NONE_YET: Final = -1
_TAG: Final = re.compile(r'"(\d{1,15})"', re.ASCII)


def seen_revision(headers: Mapping[str, str]) -> int | None:
    """The revision that the caller has seen, NONE_YET, or None for any. Raises Problem 400 `invalid_header`."""
    none, match = headers.get("If-None-Match"), headers.get("If-Match")
    if none is not None:
        if none.strip() != "*" or match is not None:
            raise Problem(400, "invalid_header", "If-None-Match is * here, without If-Match.", "If-None-Match")
        return NONE_YET
    if match is None:
        return None
    tag = _TAG.fullmatch(match.strip())
    if tag is None:
        raise Problem(400, "invalid_header", 'If-Match is the revision in quotes here, as "12".', "If-Match")
    return int(tag.group(1))
