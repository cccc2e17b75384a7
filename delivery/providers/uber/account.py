"""As whom and where Uber Direct is called."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class UberAccount:
    """`customer_id` names the organisation. `webhook_keys`: each webhook of the dashboard has a signing key of its own.

    `dialling_code` is put before phone numbers that have none ("86"); `phone` is the store's where it has none.
    `time_zone`: the clocks that couriers are told times by.
    """

    customer_id: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_keys: tuple[str, ...] = field(repr=False)
    api_base: str = "https://api.uber.com"
    login_base: str = "https://auth.uber.com"
    dialling_code: str = "86"
    phone: str = ""
    time_zone: str = "Asia/Shanghai"

    def e164(self, number: str) -> str:
        """`021-5550-0101` as +862155500101; "" for none."""
        digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
        if not digits:
            return ""
        if number.strip().startswith("+"):
            return f"+{digits}"
        if digits.startswith("00"):
            return f"+{digits[2:]}"
        return f"+{self.dialling_code}{digits.removeprefix('0')}"
