"""What sign-in refuses. `code` is stable; `field` names the member of the request at fault where there is one."""

from typing import ClassVar


class AccountError(Exception):
    """The root of every refusal of this package."""

    code: ClassVar[str]
    field: str | None = None


class TokenInvalid(AccountError):
    """Not an access token of ours: malformed, signed by no key that we know, or not meant for us."""

    code = "token_invalid"


class TokenExpired(AccountError):
    """An access token of ours, past its time: refresh."""

    code = "token_expired"


class TokenRevoked(TokenInvalid):
    """An access token of a session that was ended."""


class SessionEnded(AccountError):
    """The refresh token is of no use (any more): sign in again."""

    code = "session_ended"


class SessionReplaced(AccountError):
    """This browser has just signed in as somebody: the new cookie is on its way, ask again with it."""

    code = "changing"
    retry_after: ClassVar[float] = 1


class WrongPassword(AccountError):
    """No such login, or another password: which of the two is not told."""

    code = "wrong_password"


class LoginTaken(AccountError):
    """Somebody has this login."""

    code = "login_taken"
    field = "login"


class InvalidField(AccountError):
    """A login, name or password that nobody can have; the text says why."""

    code = "invalid_body"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class UserUnknown(AccountError):
    """No such user."""

    code = "user_unknown"


class InviteUnknown(AccountError):
    """No such invitation."""

    code = "invite_unknown"


class InviteUsed(AccountError):
    """The invitation was good once."""

    code = "invite_used"


class InviteExpired(AccountError):
    """The invitation is too old."""

    code = "invite_expired"


class InviteForbidden(AccountError):
    """The caller may not invite people for this role or this store."""

    code = "invite_forbidden"


class PasswordsBusy(AccountError):
    """Too many passwords wait to be checked: try again in a moment."""

    code = "unavailable"
    retry_after: ClassVar[float] = 2
