"""Stripe: PaymentIntents with manual capture, through Stripe's own library.

An attempt of ours is one PaymentIntent, made under an idempotency key that is the attempt's name, and not confirmed by
the call that makes it. So to make it again finds it again and holds nothing: the money is held when the buyer confirms
on Stripe's own form with the client secret (or when we do, with a payment method that Stripe keeps). Stripe's books are
asked whenever an answer may be an old one: a key repeats its first answer, also when it was an error.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import stripe

from orders.errors import BadSignature, PaymentUnavailable
from orders.payments.provider import Answer, Known, Means, Notice, Payment, Standing, Verdict
from orders.payments.stripe_events import notice_of

T = TypeVar("T")
_log = logging.getLogger(__name__)

TOLERANCE: Final = 300
"""Seconds; the signature of an older webhook is refused."""
_TRIES: Final = 3
_PAUSE: Final = 0.5

_DECLINES: Final = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "incorrect_cvc": "incorrect_cvc",
    "invalid_cvc": "incorrect_cvc",
    "authentication_required": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
    "processing_error": "processing_error",
    "card_declined": "card_declined",
}
_STANDINGS: Final = {
    "requires_payment_method": Standing.ACTION,
    "requires_confirmation": Standing.ACTION,
    "requires_action": Standing.ACTION,
    "processing": Standing.PENDING,
    "requires_capture": Standing.AUTHORISED,
    "canceled": Standing.CANCELLED,
    "succeeded": Standing.CAPTURED,
}
_VERDICTS: Final = {
    Standing.ACTION: Verdict.ACTION,
    Standing.PENDING: Verdict.PENDING,
    Standing.AUTHORISED: Verdict.SUCCEEDED,
    Standing.CAPTURED: Verdict.SUCCEEDED,
}
_UNDONE: Final = frozenset({"failed", "canceled"})
_REFUSED: Final = Answer(Verdict.FAILED, "payment_failed")


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """Where and as whom Stripe is called."""

    secret_key: str
    webhook_secret: str
    api_base: str = "https://api.stripe.com"

    def __repr__(self) -> str:
        return f"StripeAccount({self.api_base})"


class Stripe:
    """A `PaymentProvider`."""

    name = "stripe"

    def __init__(
        self,
        account: StripeAccount,
        line: stripe.HTTPClient,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._account = account
        self._sleep = sleep
        client = stripe.StripeClient(
            account.secret_key,
            http_client=line,
            base_addresses={"api": account.api_base},
            max_network_retries=0,  # `_call` tries again, and knows what may be
        )
        self._intents = client.v1.payment_intents
        self._refunds = client.v1.refunds

    async def authorise(self, payment: Payment, means: Means) -> Answer:
        """Make the intent; the buyer confirms it on the page, or we do when a token of Stripe's is given."""
        intent = await self._intent(payment)
        if means.token and intent.status in {"requires_payment_method", "requires_confirmation"}:
            try:
                intent = await self._confirm(intent, payment, means.token)
            except stripe.CardError as declined:
                return Answer(Verdict.FAILED, _code(declined.error), intent.id)
            except stripe.InvalidRequestError:
                intent = await self._retrieve(intent.id)  # confirmed or cancelled by a copy of this call
        known = _known(intent)
        verdict = _VERDICTS.get(known.standing, Verdict.FAILED)
        secret = known.client_secret if verdict is Verdict.ACTION else ""
        code = "payment_failed" if verdict is Verdict.FAILED else ""
        return Answer(verdict, code, known.reference, known.last4, secret)

    async def capture(self, payment: Payment, amount: int, key: str) -> Answer:
        """Take it; what is not taken is let go by Stripe."""
        intent = await self._intent(payment)
        if intent.status == "requires_capture":
            try:
                intent = await self._call(
                    lambda: self._intents.capture_async(
                        intent.id, {"amount_to_capture": amount}, {"idempotency_key": key}
                    )
                )
            except stripe.CardError as declined:
                return Answer(Verdict.FAILED, _code(declined.error), intent.id)
            except stripe.InvalidRequestError as error:
                intent = await self._retrieve(intent.id)
                if intent.status == "requires_capture":
                    return Answer(Verdict.FAILED, error.code or "payment_failed", intent.id)
        taken = intent.status == "succeeded" and intent.amount_received == amount
        return Answer(Verdict.SUCCEEDED, reference=intent.id) if taken else _REFUSED

    async def cancel(self, payment: Payment, key: str) -> Answer:
        """Let it go. One that was never made is made and cancelled, so that a late copy finds it cancelled."""
        intent = await self._intent(payment)
        if intent.status not in {"canceled", "succeeded"}:
            try:
                intent = await self._call(lambda: self._intents.cancel_async(intent.id, {}, {"idempotency_key": key}))
            except stripe.InvalidRequestError:
                intent = await self._retrieve(intent.id)
        gone = intent.status == "canceled"
        return Answer(Verdict.SUCCEEDED, reference=intent.id) if gone else _REFUSED

    async def refund(self, payment: Payment, amount: int, key: str) -> Answer:
        """Give back. Stripe forgets keys after a day, so its list of refunds is looked at first."""
        intent = await self._intent(payment)
        for earlier in await self._refunds_of(intent.id):
            if (earlier.get("metadata") or {}).get("key") == key:
                return _refunded(earlier, amount)
        try:
            refund = await self._call(
                lambda: self._refunds.create_async(
                    {"payment_intent": intent.id, "amount": amount, "metadata": {"key": key}},
                    {"idempotency_key": key},
                )
            )
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            return Answer(Verdict.FAILED, error.code or "payment_failed", intent.id)
        return _refunded(refund.to_dict(), amount)

    async def look_up(self, payment: Payment) -> Known:
        """The intent in Stripe's books; one that was never made is made, which holds nothing."""
        intent = await self._intent(payment)
        known = _known(intent)
        if known.standing is not Standing.CAPTURED:
            return known
        made = await self._refunds_of(intent.id)
        return replace(known, refunded=sum(one["amount"] for one in made if _moved(one)))

    async def trace(self, reference: str) -> tuple[str, str] | None:
        """Whose intent it is, by what was noted on it."""
        try:
            intent = await self._retrieve(reference)
        except stripe.InvalidRequestError:
            return None
        noted = intent.to_dict().get("metadata") or {}
        return (str(noted["order_id"]), str(noted["attempt"])) if noted.get("attempt") else None

    def hear(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Signed in `Stripe-Signature`, at most five minutes ago."""
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(
                text, headers.get("Stripe-Signature", ""), self._account.webhook_secret, TOLERANCE
            )
            return notice_of(json.loads(text))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadSignature(f"Not a webhook of Stripe's: {type(error).__name__}.") from None

    async def _intent(self, payment: Payment) -> stripe.PaymentIntent:
        """The attempt's intent as it is now."""
        if payment.reference:
            return await self._retrieve(payment.reference)
        made = await self._call(
            lambda: self._intents.create_async(
                {
                    "amount": payment.amount,
                    "currency": payment.currency.lower(),
                    "capture_method": "manual",
                    # What may be held and then taken; nothing that would lead the buyer away from the page.
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "metadata": {"order_id": payment.order_id, "attempt": payment.attempt},
                },
                {"idempotency_key": payment.attempt},
            )
        )
        replayed = made.last_response is not None and made.last_response.headers.get("Idempotent-Replayed") == "true"
        return await self._retrieve(made.id) if replayed else made

    async def _retrieve(self, intent_id: str) -> stripe.PaymentIntent:
        return await self._call(lambda: self._intents.retrieve_async(intent_id, {"expand": ["latest_charge"]}))

    async def _refunds_of(self, intent_id: str) -> list[dict[str, Any]]:
        """Newest first; nobody refunds one payment a hundred times."""
        made = await self._call(lambda: self._refunds.list_async({"payment_intent": intent_id, "limit": 100}))
        return [one.to_dict() for one in made.data]

    async def _confirm(self, intent: stripe.PaymentIntent, payment: Payment, token: str) -> stripe.PaymentIntent:
        key = f"{payment.attempt}-confirm"
        return await self._call(
            lambda: self._intents.confirm_async(intent.id, {"payment_method": token}, {"idempotency_key": key})
        )

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask, again after a rest where that is safe and may help. Raises CardError, InvalidRequestError (Stripe's), or
        PaymentUnavailable when there is no telling."""
        for again in range(_TRIES):
            try:
                return await call()
            except (stripe.CardError, stripe.InvalidRequestError):
                raise
            except stripe.StripeError as error:
                if again == _TRIES - 1 or not _passes(error):
                    _log.warning(
                        "stripe gives no answer",
                        extra={"status": error.http_status, "code": error.code, "request": error.request_id},
                    )
                    raise PaymentUnavailable(f"Stripe gives no answer ({type(error).__name__}).") from error
            await self._sleep(_PAUSE * 2**again)
        raise AssertionError("the last try returns or raises")


def _passes(error: stripe.StripeError) -> bool:
    """Lost on the way, too many at once, the key in use by a copy, or Stripe's own trouble."""
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError):
        return True
    return error.http_status is not None and (error.http_status == 409 or error.http_status >= 500)


def _known(intent: stripe.PaymentIntent) -> Known:
    book: dict[str, Any] = intent.to_dict()
    charge = book.get("latest_charge")
    details: dict[str, Any] = charge if isinstance(charge, dict) else {}
    card = (details.get("payment_method_details") or {}).get("card") or {}
    return Known(
        _STANDINGS.get(intent.status, Standing.PENDING),
        captured=book.get("amount_received") or 0,
        reference=intent.id,
        last4=card.get("last4") or "",
        client_secret=book.get("client_secret") or "",
    )


def _moved(refund: dict[str, Any]) -> bool:
    """Whether it gives money back. What a capture in part lets go of is listed too, but never was on our balance."""
    ours = bool((refund.get("metadata") or {}).get("key"))
    return refund["status"] not in _UNDONE and (ours or refund.get("balance_transaction") is not None)


def _refunded(refund: dict[str, Any], amount: int) -> Answer:
    """A refund on its way counts as given; one that fails later shows in Stripe's books, and rings."""
    if refund["status"] in _UNDONE or refund["amount"] != amount:
        return Answer(Verdict.FAILED, refund.get("failure_reason") or "payment_failed")
    return Answer(Verdict.SUCCEEDED)


def _code(error: Any) -> str:
    """Our word for why a card was refused."""
    if error is None:
        return "card_declined"
    said = error.to_dict()
    words = (said.get("decline_code"), said.get("code"))
    return next((_DECLINES[word] for word in words if word in _DECLINES), "card_declined")
