"""The topics that pages may follow: one table of name, who may, and what a fresh page is given.

`tests/integration/test_access_matrix.py` walks it with every role.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from pydantic import BaseModel

from live.http.access import Access, Principal, Role, only, signed_in
from live.http.problem import Problem
from live.realtime import snapshots

if TYPE_CHECKING:
    from live.services import Services

Check: TypeAlias = "Callable[[Services, Principal, str], Awaitable[None]]"
Snapshot: TypeAlias = "Callable[[Services, Principal, str], Awaitable[BaseModel]]"


@dataclass(frozen=True, slots=True)
class TopicRule:
    """`check` raises for somebody who may not follow this very topic; the thing of `show:{show}` is the show's id."""

    name: str
    access: Access
    check: Check
    snapshot: Snapshot

    def topic(self, principal: Principal, thing: str) -> str:
        """The topic's name in Redis: everybody has an own `me`."""
        if self.name == "me":
            return f"me:{principal.user_id}"
        return self.name.split(":")[0] + (f":{thing}" if thing else "")


async def _free(_services: "Services", _principal: Principal, _thing: str) -> None:
    """The role is enough."""


async def _not_banned(services: "Services", principal: Principal, show_id: str) -> None:
    await services.shows.show(show_id)
    await services.moderation.sanctions.check_ban(principal.user_id, show_id)


async def _own_store(services: "Services", principal: Principal, store_id: str) -> None:
    if principal.role is Role.STAFF and principal.store_id != store_id:
        raise Problem(403, "forbidden", "For staff of the store.")
    await services.orders.catalogue.store(store_id)


TOPICS: Final[tuple[TopicRule, ...]] = (
    TopicRule("show:{show}", signed_in("not banned"), _not_banned, snapshots.show),
    TopicRule("me", signed_in(), _free, snapshots.me),
    TopicRule(
        "store:{store}",
        only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff of the store"),
        _own_store,
        snapshots.store,
    ),
    TopicRule("console", only(Role.OPERATOR, Role.ADMIN), _free, snapshots.console),
)
_BY_KIND: Final = {rule.name.split(":")[0]: rule for rule in TOPICS}
_THING: Final = re.compile(r"[a-z]{3}_[A-Za-z0-9_-]{1,56}")


def find(name: str) -> tuple[TopicRule, str]:
    """The rule of a topic as a page names it, and the thing it is about ("" for none). Raises Problem `not_found`."""
    kind, colon, thing = name.partition(":")
    rule = _BY_KIND.get(kind)
    if rule is None or bool(colon) != (":" in rule.name) or (colon and not _THING.fullmatch(thing)):
        raise Problem(404, "not_found", "There is no such topic.", "topic")
    return rule, thing
