"""What those who deliver for us tell. Kept before it is acknowledged; what it changes, it changes after the answer."""

from typing import Final, Literal

from pydantic import BaseModel

from delivery.providers.provider import TOKEN
from live.carrier_settings import WEBHOOK
from live.http.access import anyone
from live.http.parsing import bounded
from live.http.route import Call, Limit, Nothing, RouteTable

routes = RouteTable("delivery")
#: Bytes. Uber's are some 10 kilobytes; what is larger is not read.
LARGEST: Final = 256 * 1024
#: All of a provider's come from a few addresses: two places a minute of some thousand couriers, and what they do.
OFTEN = Limit(6_000, 60)


class Acknowledged(BaseModel):
    """It is kept: it need not be sent again."""

    status: Literal["ok"] = "ok"


@routes.add(
    "POST",
    WEBHOOK,
    access=anyone(note="signed by the provider, or asked again"),
    returns=Acknowledged,
    summary="What a delivery provider tells",
    codes=("bad_signature", "not_found", "too_large", "unavailable"),
    raw=True,
    max_body=LARGEST,
    limit=OFTEN,
)
async def webhook(call: Call[Nothing, Nothing]) -> Acknowledged:
    """Forged ones and recordings are refused. The same one again is acknowledged and changes nothing."""
    body = await bounded(call.request, LARGEST)
    headers = {name.lower(): value for name, value in call.request.headers.items()}
    headers[TOKEN] = call.request.query.get("token", "")
    await call.services.delivery.inbox.take(call.path("provider"), headers, body)
    return Acknowledged()
