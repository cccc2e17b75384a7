"""What the webhooks refuse."""

from typing import ClassVar


class WebhookError(Exception):
    """The root of this package's errors."""

    code: ClassVar[str]

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


class EndpointUnknown(WebhookError):
    """There is no such endpoint."""

    code = "webhook_unknown"


class InvalidEndpoint(WebhookError):
    """The address or the list of events cannot be used."""

    code = "invalid_webhook"


class TooManyEndpoints(WebhookError):
    """Each event is sent to every endpoint: there is a limit."""

    code = "too_many_webhooks"


class MessageUnknown(WebhookError):
    """There is no such message, or its endpoint is off."""

    code = "webhook_message_unknown"
