"""A server that behaves as Stripe's API documents say, as far as PaymentIntents with manual capture go.

Idempotency keys repeat the first answer with its status (also a 402 or a 500), refuse other parameters, and are not
kept for what failed validation. A fault is put into `faults` and used up by the next POST.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from stripe import WebhookSignature

from tests.live.paying.stripe_wire import REFUSALS, Fault, Json, Refused, cut, half, invalid, nested

SECRET_KEY = "sk_test_local"
WEBHOOK_SECRET = "whsec_local"
DECLINES = {
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
OPEN = {"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture", "processing"}


@dataclass
class Kept:
    params: Json
    path: str
    status: int = 0
    body: Json | None = None


@dataclass
class StripeServer:
    """Its books, for the tests to read."""

    url: str = ""
    intents: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, Kept] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    # What a request does

    def create(self, params: Json) -> Json:
        if int(params["amount"]) < 1:
            raise Refused(400, "invalid_request_error", "parameter_invalid_integer", kept=False)
        intent_id = f"pi_{secrets.token_hex(8)}"
        intent: Json = {
            "id": intent_id,
            "object": "payment_intent",
            "amount": int(params["amount"]),
            "amount_capturable": 0,
            "amount_received": 0,
            "capture_method": params["capture_method"],
            "client_secret": f"{intent_id}_secret_{secrets.token_hex(8)}",
            "currency": params["currency"],
            "latest_charge": None,
            "last_payment_error": None,
            "metadata": params.get("metadata", {}),
            "status": "requires_payment_method",
        }
        self.intents[intent_id] = intent
        return intent

    def confirm(self, intent: Json, params: Json) -> Json:
        if intent["status"] not in {"requires_payment_method", "requires_confirmation", "requires_action"}:
            raise invalid("payment_intent_unexpected_state")
        method = params["payment_method"]
        if method in DECLINES:
            code, decline = DECLINES[method]
            intent["last_payment_error"] = {"code": code, "decline_code": decline}
            self.tell("payment_intent.payment_failed", intent)
            raise Refused(402, "card_error", code, kept=True, decline_code=decline, payment_intent=intent)
        if method == "pm_card_authenticationRequired":
            intent["status"] = "requires_action"
            self.tell("payment_intent.requires_action", intent)
            return intent
        if method != "pm_card_visa":
            raise invalid("resource_missing")
        self._hold(intent)
        return intent

    def _hold(self, intent: Json) -> None:
        charge = {
            "id": f"ch_{secrets.token_hex(8)}",
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "metadata": intent["metadata"],
            "payment_intent": intent["id"],
            "payment_method_details": {"type": "card", "card": {"last4": "4242", "brand": "visa"}},
        }
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"], "latest_charge": charge}
        self.tell("payment_intent.amount_capturable_updated", intent)

    def capture(self, intent: Json, params: Json) -> Json:
        amount = int(params["amount_to_capture"])
        if intent["status"] != "requires_capture":
            raise invalid("payment_intent_unexpected_state")
        if amount > intent["amount_capturable"]:
            raise invalid("amount_too_large")
        left = intent["amount"] - amount
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        intent["latest_charge"] |= {"amount_captured": amount, "amount_refunded": left}
        if left:  # listed among the refunds, although nothing was ever taken
            self._refund(intent, left, {}, moved=False)
        self.tell("payment_intent.succeeded", intent)
        return intent

    def cancel(self, intent: Json, _params: Json) -> Json:
        if intent["status"] not in OPEN:
            raise invalid("payment_intent_unexpected_state")
        intent |= {"status": "canceled", "amount_capturable": 0}
        self.tell("payment_intent.canceled", intent)
        return intent

    def refund(self, params: Json) -> Json:
        intent = self._intent(params["payment_intent"])
        amount = int(params["amount"])
        given = sum(
            r["amount"]
            for r in self.refunds.values()
            if r["payment_intent"] == intent["id"] and r["balance_transaction"] and r["status"] != "failed"
        )
        if intent["status"] != "succeeded":
            raise invalid("charge_not_captured")
        if amount > intent["amount_received"] - given:
            raise invalid("amount_too_large" if given < intent["amount_received"] else "charge_already_refunded")
        refund = self._refund(intent, amount, params.get("metadata", {}), moved=True)
        intent["latest_charge"]["amount_refunded"] += amount
        self.tell("charge.refunded", intent["latest_charge"])
        return refund

    def _refund(self, intent: Json, amount: int, metadata: Json, *, moved: bool) -> Json:
        refund = {
            "id": f"re_{secrets.token_hex(8)}",
            "object": "refund",
            "amount": amount,
            "balance_transaction": f"txn_{secrets.token_hex(6)}" if moved else None,
            "metadata": metadata,
            "payment_intent": intent["id"],
            "status": "succeeded",
        }
        self.refunds[str(refund["id"])] = refund
        return refund

    # What people do elsewhere

    def buyer_confirms(self, client_secret: str, method: str = "pm_card_visa") -> Json:
        """As Stripe.js does in the buyer's browser, 3-D Secure passed."""
        intent = next(one for one in self.intents.values() if one["client_secret"] == client_secret)
        try:
            self.confirm(intent, {"payment_method": method})
        except Refused:
            return intent
        if intent["status"] == "requires_action":
            self._hold(intent)
        return intent

    def only(self) -> Json:
        (intent,) = self.intents.values()
        return intent

    def kept_money(self, intent: Json) -> int:
        """What of the buyer's money the shop has."""
        given = [r for r in self.refunds.values() if r["payment_intent"] == intent["id"] and r["balance_transaction"]]
        return int(intent["amount_received"] - sum(r["amount"] for r in given if r["status"] == "succeeded"))

    def tell(self, kind: str, thing: Json) -> None:
        at = int(time.time())
        event = {"id": f"evt_{secrets.token_hex(8)}", "object": "event", "type": kind, "created": at}
        self.events.append({**event, "data": {"object": json.loads(json.dumps(thing))}})

    # HTTP

    def _intent(self, intent_id: str) -> Json:
        if intent_id not in self.intents:
            raise Refused(404, "invalid_request_error", "resource_missing", kept=False)
        return self.intents[intent_id]

    async def post(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        if request.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return web.json_response({"error": {"type": "invalid_request_error", "message": "key"}}, status=401)
        params = nested(dict(await request.post()))
        fault = self.faults.pop(0) if self.faults else None
        if fault in REFUSALS:
            return web.json_response({"error": {"type": "api_error"}}, status=REFUSALS[fault])
        if fault is Fault.LOST_BEFORE:
            return cut(request)
        status, body, replayed = await self._once(request, params, broken=fault is Fault.BROKEN)
        if fault is Fault.LOST_AFTER:
            return cut(request)
        if fault is Fault.CUT_SHORT:
            return await half(request, body)
        headers = {"Request-Id": f"req_{secrets.token_hex(4)}"} | ({"Idempotent-Replayed": "true"} if replayed else {})
        return web.json_response(body, status=status, headers=headers)

    async def _once(self, request: web.Request, params: Json, *, broken: bool) -> tuple[int, Json, bool]:
        key = request.headers["Idempotency-Key"]
        kept = self.keys.get(key)
        if kept is not None:
            if (kept.params, kept.path) != (params, request.path):
                return 400, {"error": {"type": "idempotency_error", "message": "other parameters"}}, False
            if kept.body is None:
                return 409, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}, False
            return kept.status, json.loads(json.dumps(kept.body)), True
        kept = self.keys[key] = Kept(params, request.path)
        self.heard.set()
        if self.hold is not None:
            await self.hold.wait()
        try:
            status, body = 200, json.loads(json.dumps(self._do(request, params)))
        except Refused as refused:
            status, body = refused.status, json.loads(json.dumps(refused.body))
            if not refused.kept:
                del self.keys[key]
        if broken:
            status, body = 500, {"error": {"type": "api_error", "message": "broken"}}
        kept.status, kept.body = status, body
        return status, body, False

    def _do(self, request: web.Request, params: Json) -> Json:
        match request.path.removeprefix("/v1/").split("/"):
            case ["payment_intents"]:
                return self.create(params)
            case ["refunds"]:
                return self.refund(params)
            case ["payment_intents", intent_id, action]:
                does: dict[str, Callable[[Json, Json], Json]] = {
                    "confirm": self.confirm,
                    "capture": self.capture,
                    "cancel": self.cancel,
                }
                return does[action](self._intent(intent_id), params)
        raise Refused(404, "invalid_request_error", "unknown_route", kept=False)

    async def get_intent(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        try:
            intent = dict(self._intent(request.match_info["intent"]))
        except Refused as refused:
            return web.json_response(refused.body, status=refused.status)
        if "latest_charge" not in request.query.getall("expand[0]", []) and intent["latest_charge"]:
            intent["latest_charge"] = intent["latest_charge"]["id"]
        return web.json_response(intent)

    async def get_refunds(self, request: web.Request) -> web.Response:
        found = [r for r in self.refunds.values() if r["payment_intent"] == request.query["payment_intent"]]
        return web.json_response({"object": "list", "data": found[::-1], "has_more": False, "url": "/v1/refunds"})


def signed(event: Json, at: int | None = None, secret: str = WEBHOOK_SECRET) -> tuple[dict[str, str], bytes]:
    """The webhook of an event: headers and body."""
    text = json.dumps(event)
    return {"Stripe-Signature": WebhookSignature.generate_signature_header(text, secret, at)}, text.encode()


@asynccontextmanager
async def stripe_server() -> AsyncIterator[StripeServer]:
    """Running, on a port of its own."""
    server = StripeServer()
    app = web.Application()
    app.router.add_get("/v1/payment_intents/{intent}", server.get_intent)
    app.router.add_get("/v1/refunds", server.get_refunds)
    app.router.add_post("/v1/{tail:.*}", server.post)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()
