"""Every error of the packages has a status, and the map holds no code that nobody raises."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

import delivery
import live.accounts
import live.shows
import moderation
import orders
from delivery.errors import CodeLocked, DeliveryError
from live.accounts.errors import AccountError
from live.db import UNAVAILABLE, DatabaseError
from live.http.errors import STATUS, problem_of
from live.http.problem import Problem
from live.shows.errors import ShowError
from moderation.errors import Banned, ModerationError
from orders.errors import OrdersError, SoldOut

ROOTS = (OrdersError, DeliveryError, ModerationError, AccountError, ShowError, DatabaseError)


def import_all() -> None:
    for package in (orders, delivery, moderation, live.accounts, live.shows):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def walk(root: type[Exception]) -> Iterator[type[Exception]]:
    for kind in root.__subclasses__():
        yield kind
        yield from walk(kind)


def raised() -> list[type[Exception]]:
    """Classes that are raised: those with a code of their own, below a root."""
    import_all()
    return [kind for root in ROOTS for kind in walk(root) if "code" in vars(kind)]


def test_every_code_has_a_status() -> None:
    kinds = raised()
    assert len(kinds) > 40
    missing = {f"{kind.__module__}.{kind.__name__}: {kind.code}" for kind in kinds if kind.code not in STATUS}  # type: ignore[attr-defined]
    assert not missing


def test_every_status_is_a_refusal() -> None:
    assert all(400 <= status < 600 and status != 500 for status in STATUS.values())


def test_what_helps_the_caller_is_told() -> None:
    sold_out = problem_of(SoldOut("prd_1", 2))
    assert sold_out is not None
    assert (sold_out.status, sold_out.code, sold_out.field) == (409, "sold_out", "lines")
    assert sold_out.body()["product_id"] == "prd_1"
    locked = problem_of(CodeLocked(30))
    assert locked is not None
    assert (locked.status, locked.headers["Retry-After"]) == (429, "30")
    banned = problem_of(Banned(datetime(2026, 11, 22, 9, 30, tzinfo=UTC), "spam"))
    assert banned is not None
    assert (banned.status, banned.body()["until"]) == (403, "2026-11-22T09:30:00Z")


@pytest.mark.parametrize("error", [RedisConnectionError(), UNAVAILABLE[0]("away")])
def test_lost_servers_are_503(error: Exception) -> None:
    problem = problem_of(error)
    assert problem is not None
    assert (problem.status, problem.code) == (503, "unavailable")
    assert "Retry-After" in problem.headers


def test_what_nobody_foresaw_is_none() -> None:
    assert problem_of(ValueError("x")) is None
    known = Problem(418, "teapot")
    assert problem_of(known) is known
