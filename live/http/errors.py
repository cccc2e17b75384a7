"""Which HTTP status a domain error gets: one map from its stable `code`.

`tests/live/http/test_errors.py` walks every error class of the packages and proves that the map knows its code.
"""

from datetime import datetime
from typing import Final

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from live.db import UNAVAILABLE as DATABASE_UNAVAILABLE
from live.http.problem import Problem

log = structlog.get_logger(__name__)

_CODES: Final[dict[int, tuple[str, ...]]] = {
    400: ("bad_signature",),
    401: ("token_missing", "token_invalid", "token_expired", "wrong_password", "session_ended"),
    402: (
        "card_declined",
        "insufficient_funds",
        "expired_card",
        "incorrect_cvc",
        "authentication_failed",
        "processing_error",
        "payment_failed",
    ),
    403: ("forbidden", "not_your_show", "muted", "banned", "wrong_role", "wrong_show", "invite_forbidden"),
    404: (
        "not_found",
        "show_unknown",
        "card_unknown",
        "message_unknown",
        "no_picture",
        "invite_unknown",
        "user_unknown",
        "store_unknown",
        "link_unknown",
        "webhook_unknown",
        "webhook_message_unknown",
    ),
    409: (
        "wrong_status",
        "not_live",
        "out_of_range",
        "no_courier",
        "couriers_busy",
        "area_paused",
        "store_closed",
        "sold_out",
        "price_changed",
        "quote_expired",
        "split_needed",
        "store_busy",
        "too_many_unpaid",
        "idempotency_running",
        "below_reserved",
        "not_enough_stock",
        "flash_exists",
        "flash_over",
        "flash_sold_out",
        "flash_limit",
        "coupon_refused",
        "coupon_gone",
        "coupon_code_taken",
        "payment_in_progress",
        "refund_exceeds",
        "proposal_open",
        "proposal_gone",
        "return_too_late",
        "return_wrong_status",
        "cancel_costs",
        "cash_limit",
        "cash_due",
        "offer_gone",
        "has_jobs",
        "consent_needed",
        "no_shift",
        "shift_overlaps",
        "shift_taken",
        "carried_outside",
        "courier_not_free",
        "too_many_webhooks",
        "wrong_code",
        "wrong_pin",
        "pin_needed",
        "code_needed",
        "login_taken",
        "rule_exists",
        "report_resolved",
        "contact_closed",
        "already_rated",
        "rating_closed",
        "sanction_lifted",
    ),
    410: ("invite_used", "invite_expired"),
    412: ("changed_since", "key_taken"),
    422: (
        "invalid_body",
        "invalid_order",
        "empty_order",
        "quantity_limit",
        "unknown_product",
        "invalid_store",
        "invalid_product",
        "invalid_amount",
        "invalid_flash",
        "invalid_coupon",
        "invalid_transfer",
        "invalid_quantity",
        "invalid_proposal",
        "invalid_return",
        "invalid_position",
        "invalid_shift",
        "invalid_area",
        "invalid_message",
        "idempotency_mismatch",
        "invalid_quote",
        "payment_method_unknown",
        "invalid_webhook",
        "bad_cards",
        "bad_image",
        "blocked",
    ),
    429: ("too_many_attempts", "code_locked", "too_fast", "rate_limited"),
    503: (
        "payment_unavailable",
        "stock_busy",
        "reservation_lost",
        "contended",
        "changing",
        "unavailable",
        "overloaded",
    ),
}

STATUS: Final[dict[str, int]] = {code: status for status, codes in _CODES.items() for code in codes}

#: Attributes of errors that help the caller and go into the problem document as they are.
_EXTRA: Final = ("until", "left")


def problem_of(error: Exception) -> Problem | None:
    """The problem that a domain error is, or that a lost database or Redis is; None for an error nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, (*DATABASE_UNAVAILABLE, RedisConnectionError, RedisTimeoutError)):
        return Problem(503, "unavailable", "A part of the service does not answer; try again.", headers=_later(2))
    code = getattr(error, "code", None)
    if not isinstance(code, str) or code not in STATUS:
        return None
    field = getattr(error, "field", None)
    wait = getattr(error, "retry_after", None)
    status = STATUS[code]
    headers = _later(wait) if wait is not None else _later(1) if status == 503 else {}
    return Problem(status, code, str(error), field, headers, _members(error))


def problem_for(error: Exception, route: str) -> Problem:
    """`problem_of`, where there must be an answer: 500 for what nobody foresaw, which is logged, as is every 503."""
    problem = problem_of(error)
    if problem is None:
        log.error("request failed", route=route, exc_info=error)
        return Problem(500, "internal", "Something went wrong here; the request id helps us to find it.")
    if problem.status == 503 and problem.code != "overloaded":  # of those there are many, and each has its line
        log.warning("request refused", route=route, code=problem.code, error=type(error).__name__)
    return problem


def _members(error: Exception) -> dict[str, object]:
    members = {name: _plain(getattr(error, name)) for name in _EXTRA if hasattr(error, name)}
    detail = getattr(error, "detail", None)
    return {**members, **detail()} if callable(detail) else members


def _plain(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _later(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds)))}
