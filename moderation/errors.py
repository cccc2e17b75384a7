"""What moderation refuses. `code` is stable; `field` names the input at fault where there is one."""

from datetime import datetime
from typing import ClassVar


class ModerationError(Exception):
    """The root of every refusal of this package."""

    code: ClassVar[str]
    field: str | None = None


class InvalidInput(ModerationError):
    """A value is empty, too long or not one of the choices."""

    code = "invalid_body"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class RuleExists(ModerationError):
    """A rule with the same normal form is there already."""

    code = "rule_exists"
    field = "pattern"


class RuleUnknown(ModerationError):
    """No such word rule."""

    code = "not_found"


class ReportUnknown(ModerationError):
    """No such report."""

    code = "not_found"


class ReportResolved(ModerationError):
    """The report has an outcome already."""

    code = "report_resolved"


class SanctionUnknown(ModerationError):
    """No such sanction."""

    code = "not_found"


class SanctionOver(ModerationError):
    """The sanction was lifted already."""

    code = "sanction_lifted"


class AuditBusy(ModerationError):
    """Too many writers at the audit log; nothing was done, try again."""

    code = "unavailable"


class Sanctioned(ModerationError):
    """The user may not do this now. `until` None: until a moderator lifts it."""

    def __init__(self, until: datetime | None, reason: str) -> None:
        super().__init__("until lifted" if until is None else f"until {until.isoformat()}")
        self.until = until
        self.reason = reason


class Muted(Sanctioned):
    """May watch, may not write."""

    code = "muted"


class Banned(Sanctioned):
    """May neither watch nor write."""

    code = "banned"


class TooFast(ModerationError):
    """Writes too often, or the same again and again."""

    code = "too_fast"

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Wait {retry_after:.0f} s.")
        self.retry_after = retry_after


class Blocked(ModerationError):
    """The text may not be shown. `category` says which kind of rule refused it."""

    code = "blocked"
    field = "text"

    def __init__(self, category: str) -> None:
        super().__init__(f"The message breaks a rule about {category}.")
        self.category = category
