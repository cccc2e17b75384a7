"""Uber Direct as its documents say that it behaves (Direct API 1.0.1, OAuth, webhooks): fields, checks, answers, codes.

What the documents leave open is a switch: whether a create with a used key is told of the delivery (409) or given it.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from tests.delivery.providers.house import House, Json
from tests.delivery.providers.uber_checks import MESSAGES, Refused, check, check_windows, delivered_to
from tests.delivery.providers.uber_fields import (
    DELIVERY_FIELDS,
    PROOF_FIELDS,
    QUOTE_FIELDS,
    TOKEN_FIELDS,
    UPDATE_FIELDS,
)

CUSTOMER: Final = "a11e6f29-6850-4d8d-b88d-0ae69cec1111"
CLIENT: Final = ("client-1", "secret-1")
KEY: Final = "c5c26d5a-70d6-46c7-a652-d7c09825ad29"

ENDED: Final = frozenset({"delivered", "canceled", "returned"})


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class UberHouse(House):
    """`deliveries` are what was really created."""

    def __init__(self) -> None:
        self.deliveries: dict[str, Json] = {}
        self.quotes: dict[str, Json] = {}
        self.keys: dict[str, str] = {}
        self.tokens: set[str] = set()
        self.tells_of_duplicates = True
        self.refuse_next: list[tuple[int, str]] = []
        super().__init__()

    def routes(self, router: web.UrlDispatcher) -> None:
        base = "/v1/customers/{customer}"
        router.add_post("/oauth/v2/token", self._token)
        for method, path, handler in (
            ("POST", "/delivery_quotes", self._quote),
            ("POST", "/deliveries", self._create),
            ("GET", "/deliveries", self._list),
            ("GET", "/deliveries/{id}", self._get),
            ("POST", "/deliveries/{id}", self._update),
            ("POST", "/deliveries/{id}/cancel", self._cancel),
            ("POST", "/deliveries/{id}/proof-of-delivery", self._proof),
        ):
            router.add_route(method, base + path, self._guarded(handler))

    def limited(self, wait: int) -> web.Response:
        body = {"code": "customer_limited", "message": MESSAGES["customer_limited"], "kind": "error"}
        return web.json_response(body, status=429, headers={"Retry-After": str(wait)})

    def revoke(self) -> None:
        """Tokens end before their time."""
        self.tokens.clear()

    def move(self, delivery_id: str, status: str, **more: Any) -> Json:
        """What happens out there, by the courier's app."""
        delivery = self.deliveries[delivery_id]
        delivery.update(status=status, complete=status in ENDED, updated=rfc3339(self.clock()), **more)
        if status in {"pickup", "pickup_complete", "dropoff"} and "courier" not in delivery:
            delivery["courier"] = {
                "name": "Alex I.",
                "vehicle_type": "scooter",
                "phone_number": "+16283337630",
                "location": {"lat": 31.2111, "lng": 121.4411},
                "img_href": "https://images.example.com/default.jpeg",
            }
        return delivery

    def webhook(
        self, delivery_id: str, kind: str = "event.delivery_status", **more: Any
    ) -> tuple[dict[str, str], bytes]:
        """The webhook of how it stands now, as it is signed."""
        delivery = self.deliveries[delivery_id]
        event: Json = {
            "account_id": "acc_1",
            "created": rfc3339(self.clock()),
            "customer_id": CUSTOMER,
            "data": delivery,
            "delivery_id": delivery_id,
            "developer_id": "dev_1",
            "id": f"evt_{secrets.token_urlsafe(16)}",
            "kind": kind,
            "live_mode": False,
            "status": delivery["status"],
            **more,
        }
        if kind == "event.courier_update":
            event["location"] = delivery["courier"]["location"]
        return self.sign(json.dumps(event).encode())

    @staticmethod
    def sign(body: bytes, key: str = KEY) -> tuple[dict[str, str], bytes]:
        digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Uber-Signature": digest}, body

    def _guarded(self, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_caller(request)
                body = json.loads(await request.read() or b"{}")
                return web.json_response(handler(request, body))
            except Refused as refused:
                body = {"code": refused.code, "message": MESSAGES[refused.code], "kind": "error"}
                if refused.metadata:
                    body["metadata"] = refused.metadata
                return web.json_response(body, status=refused.status)

        return guarded

    def _check_caller(self, request: web.Request) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refused(401, "unauthorized")
        if request.match_info["customer"] != CUSTOMER:
            raise Refused(404, "customer_not_found")
        if self.refuse_next and request.method == "POST":
            raise Refused(*self.refuse_next.pop(0))

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        right = (form.get("client_id"), form.get("client_secret")) == CLIENT
        if set(form) != set(TOKEN_FIELDS) or not right or form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "invalid_client"}, status=401)
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        return web.json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": 2_592_000, "scope": form["scope"]}
        )

    def _quote(self, request: web.Request, body: Json) -> Json:  # noqa: ARG002 - the handlers' form
        check(body, QUOTE_FIELDS)
        check_windows(body, self.clock())
        if not delivered_to(body, "dropoff"):
            raise Refused(400, "address_undeliverable")
        now = self.clock()
        quote = {
            "kind": "delivery_quote",
            "id": f"dqt_{secrets.token_urlsafe(16)}",
            "created": rfc3339(now),
            "expires": rfc3339(now + timedelta(minutes=15)),
            "fee": 600,
            "currency": "cny",
            "currency_type": "CNY",
            "dropoff_eta": rfc3339(now + timedelta(minutes=33)),
            "duration": 33,
            "pickup_duration": 24,
            "dropoff_deadline": body.get("dropoff_deadline_dt", rfc3339(now + timedelta(minutes=60))),
        }
        self.quotes[quote["id"]] = {**quote, "used": False}
        return quote

    def _create(self, request: web.Request, body: Json) -> Json:  # noqa: ARG002
        check(body, DELIVERY_FIELDS)
        check_windows(body, self.clock())
        for item in body["manifest_items"]:
            if not item.get("name") or item.get("quantity", 0) < 1:
                raise Refused(400, "invalid_params", manifest_items="This field is required.")
        if known := self._known(body):
            if self.tells_of_duplicates:
                raise Refused(409, "duplicate_delivery", delivery_id=known)
            return self.deliveries[known]
        if "leave" in body.get("deliverable_action", "") and body.get("dropoff_verification"):
            raise Refused(400, "invalid_params", param_details="cannot leave at door with a verification")
        self._use_quote(body.get("quote_id"))
        if not delivered_to(body, "dropoff"):
            raise Refused(400, "address_undeliverable")
        return self._insert(body)

    def _known(self, body: Json) -> str | None:
        """By the key while it is kept, and by the pair of references for ever."""
        if found := self.keys.get(body.get("idempotency_key", "")):
            return found
        pair = (body.get("external_id"), body.get("manifest_reference"))
        for delivery in self.deliveries.values():
            if pair[0] and pair == (delivery["external_id"], delivery["manifest"]["reference"]):
                return str(delivery["id"])
        return None

    def _use_quote(self, quote_id: str | None) -> None:
        if quote_id is None:
            return
        quote = self.quotes.get(quote_id)
        if quote is None or datetime.fromisoformat(quote["expires"]) < self.clock():
            raise Refused(400, "expired_quote")
        if quote["used"]:
            raise Refused(400, "used_quote")
        quote["used"] = True

    def _insert(self, body: Json) -> Json:
        now, uuid = self.clock(), secrets.token_hex(16).upper()
        delivery: Json = {
            "id": f"del_{secrets.token_urlsafe(16)}",
            "quote_id": body.get("quote_id", ""),
            "status": "pending",
            "complete": False,
            "kind": "delivery",
            "courier_imminent": False,
            "created": rfc3339(now),
            "updated": rfc3339(now),
            "currency": "cny",
            "fee": 600 + body.get("tip", 0),
            "tip": body.get("tip", 0),
            "external_id": body.get("external_id", ""),
            "manifest": {"reference": body.get("manifest_reference", ""), "description": ""},
            "manifest_items": body["manifest_items"],
            "pickup": _waypoint(body, "pickup"),
            "dropoff": _waypoint(body, "dropoff"),
            "pickup_eta": rfc3339(now + timedelta(minutes=10)),
            "dropoff_eta": rfc3339(now + timedelta(minutes=25)),
            "dropoff_deadline": rfc3339(now + timedelta(minutes=60)),
            "live_mode": False,
            "tracking_url": f"https://www.ubereats.example/orders/{uuid}",
            "deliverable_action": body.get("deliverable_action", "deliverable_action_meet_at_door"),
            "undeliverable_action": "",
            "undeliverable_reason": "",
            "uuid": uuid,
        }
        if body.get("dropoff_verification", {}).get("pincode", {}).get("enabled"):
            delivery["dropoff"]["verification_requirements"] = {"pincode": {"enabled": True, "value": "4821"}}
        self.deliveries[delivery["id"]] = delivery
        if key := body.get("idempotency_key"):
            self.keys[key] = delivery["id"]
        return delivery

    def _list(self, request: web.Request, body: Json) -> Json:  # noqa: ARG002
        wanted, offset = request.query.get("filter"), int(request.query.get("offset", 0))
        limit = int(request.query.get("limit", 50))
        found = [
            delivery
            for delivery in reversed(self.deliveries.values())
            if wanted in {None, delivery["status"]} or (wanted == "ongoing" and not delivery["complete"])
        ]
        page = found[offset : offset + limit]
        more = f"?offset={offset + limit}&limit={limit}" if len(found) > offset + limit else ""
        href = f"api.uber.com/v1/customers/{CUSTOMER}/deliveries{more}" if more else ""
        return {"data": page, "next_href": href, "total_count": -1, "object": "list", "url": "/deliveries"}

    def _get(self, request: web.Request, body: Json) -> Json:  # noqa: ARG002
        return self._one(request)

    def _update(self, request: web.Request, body: Json) -> Json:
        check(body, UPDATE_FIELDS)
        delivery = self._one(request)
        for name, value in body.items():
            side, _, part = name.partition("_")
            if part == "notes":
                if len(value) > 280:
                    raise Refused(400, "invalid_params", **{name: "Max 280 characters."})
                delivery[side]["notes"] = value
            elif part == "verification" and set(value) != {"barcodes"}:
                raise Refused(400, "invalid_params", **{name: "Unknown field."})
        return delivery

    def _cancel(self, request: web.Request, body: Json) -> Json:  # noqa: ARG002
        delivery = self._one(request)
        if delivery["status"] not in {"pending", "pickup", "canceled"}:
            raise Refused(400, "noncancelable_delivery")
        return self.move(delivery["id"], "canceled")

    def _proof(self, request: web.Request, body: Json) -> Json:
        check(body, PROOF_FIELDS)
        if self._one(request)["status"] != "delivered":
            raise Refused(404, "delivery_not_found")
        return {"document": base64.b64encode(b"\x89PNG\r\n\x1a\n" + body["type"].encode()).decode()}

    def _one(self, request: web.Request) -> Json:
        found = self.deliveries.get(request.match_info["id"])
        if found is None:
            raise Refused(404, "delivery_not_found")
        return found


def _waypoint(body: Json, side: str) -> Json:
    return {
        "name": body[f"{side}_name"],
        "phone_number": body[f"{side}_phone_number"],
        "address": body[f"{side}_address"],
        "notes": body.get(f"{side}_notes", ""),
        "location": {"lat": body.get(f"{side}_latitude"), "lng": body.get(f"{side}_longitude")},
    }
