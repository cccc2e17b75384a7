"""What can be wrong with a request about a show. Each class has a stable `code`."""

from typing import ClassVar


class ShowError(Exception):
    """The root. `code` is stable; `field` is the member of the request that is at fault, if one is."""

    code: ClassVar[str]

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ShowUnknown(ShowError):
    """There is no such show."""

    code = "show_unknown"


class NotYourShow(ShowError):
    """Only the associate who made the show may do this."""

    code = "not_your_show"


class WrongStatus(ShowError):
    """The show's status does not allow this; the message names the statuses that do."""

    code = "wrong_status"


class NotLive(ShowError):
    """Needs a show that is live or paused."""

    code = "not_live"


class CardUnknown(ShowError):
    """There is no such card in this show."""

    code = "card_unknown"


class BadCards(ShowError):
    """The list of cards cannot be taken: unknown or repeated product, deal price above the price, too many."""

    code = "bad_cards"


class BadImage(ShowError):
    """The upload is not an image that can be shown."""

    code = "bad_image"


class NoPicture(ShowError):
    """There is no cover or still to show yet."""

    code = "no_picture"


class TextRefused(ShowError):
    """A word rule refuses this text."""

    code = "blocked"


class TooFast(ShowError):
    """The same text again, or too many messages in a short time."""

    code = "too_fast"


class MessageUnknown(ShowError):
    """There is no such chat message in this show."""

    code = "message_unknown"


class Changing(ShowError):
    """Several changes to one show met, and this one lost too often."""

    code = "changing"
