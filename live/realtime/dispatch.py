"""What each client message does: one table, each entry with who may send it."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from live.http.access import Access, Principal, Role, anyone, only, signed_in
from live.http.problem import Problem
from live.realtime import snapshots, topic_rules
from live.realtime.connection import Close, Connection
from live.realtime.messages import (
    Chat,
    ClientMessage,
    CourierPosition,
    Heart,
    Hello,
    Subscribe,
    Unsubscribe,
)
from live.realtime.topics import encode

if TYPE_CHECKING:
    from live.services import Services

#: Topics that one socket may follow; the console follows many shows.
MOST_TOPICS: Final = 64
#: Sockets that one person may have open on one process.
MOST_SOCKETS: Final = 30
CHAT_LIMIT: Final = (30, 60)
POSITION_LIMIT: Final = (120, 60)

Handler: TypeAlias = "Callable[[Session, Any], Awaitable[None]]"


@dataclass(frozen=True, slots=True)
class MessageRule:
    """A client message: its type's name, what it carries (for the protocol page), who may send it, what it does."""

    name: str
    carries: str
    access: Access
    handler: Handler


class Session:
    """A connection and what its messages may reach."""

    def __init__(self, services: "Services", connection: Connection) -> None:
        self.services = services
        self.connection = connection

    @property
    def principal(self) -> Principal:
        """Who said hello. Only for messages whose access is not `anyone`."""
        if self.connection.principal is None:
            raise Problem(401, "token_missing", "Say hello first.")
        return self.connection.principal

    def ok(self, message: ClientMessage, **members: Any) -> None:
        """The answer to a message that was done."""
        ref = {} if message.ref is None else {"ref": message.ref}
        self.connection.send(encode({"type": "ok", **ref, **members}).encode())

    async def handle(self, name: str, message: ClientMessage) -> None:
        """Do what the message asks. Raises Problem and the domains' errors."""
        rule = MESSAGES[name]
        if not rule.access.admits(self.connection.principal):
            if self.connection.principal is None:
                raise Problem(401, "token_missing", "Say hello first.")
            raise Problem(403, "forbidden", f"For {rule.access.describe()}.")
        await rule.handler(self, message)


def problem_frame(problem: Problem, ref: str | None) -> bytes:
    """The answer to a message that was refused."""
    members: dict[str, Any] = {**problem.extra, "type": "problem", "code": problem.code, "detail": problem.detail}
    if problem.field is not None:
        members["field"] = problem.field
    if "Retry-After" in problem.headers:
        members["retry_after"] = int(problem.headers["Retry-After"])
    if ref is not None:
        members["ref"] = ref
    return json.dumps(members, ensure_ascii=False).encode()


async def _hello(session: Session, message: Hello) -> None:
    principal = session.services.accounts.authenticate(message.token)
    before = session.connection.principal
    if before is not None and before.user_id != principal.user_id:
        session.connection.close(Close.FORBIDDEN)
        return
    if before is None and session.services.hub.count(principal.user_id) >= MOST_SOCKETS:
        session.connection.close(Close.TOO_MANY)
        return
    session.connection.sign_in(principal, session.services.accounts.token_ends(message.token))
    session.ok(message, user=await snapshots.user(session.services, principal))


async def _subscribe(session: Session, message: Subscribe) -> None:
    services, connection, principal = session.services, session.connection, session.principal
    rule, thing = topic_rules.find(message.topic)
    if not rule.access.admits(principal):
        raise Problem(403, "forbidden", f"For {rule.access.describe()}.", "topic")
    await rule.check(services, principal, thing)
    topic = rule.topic(principal, thing)
    if topic not in connection.subscriptions and len(connection.subscriptions) >= MOST_TOPICS:
        raise Problem(429, "rate_limited", f"One socket follows at most {MOST_TOPICS} topics.", "topic")
    await services.hub.join(topic, connection)
    missed = None if message.after is None else await services.topics.since(topic, message.after)
    if missed is not None:
        last = missed[-1].seq if missed else message.after or 0
        session.ok(message, topic=message.topic, seq=last, resumed=True)
        connection.make_good(missed)
    else:
        # The number is read before the state: the state may be newer, and events may be applied again without harm.
        last = await services.topics.current(topic)
        data = encode(await rule.snapshot(services, principal, thing))
        session.ok(message, topic=message.topic, seq=last, resumed=False)
        name = json.dumps(message.topic)
        connection.send(f'{{"type":"snapshot","topic":{name},"seq":{last},"data":{data}}}'.encode())
    connection.caught_up(topic, last)


async def _unsubscribe(session: Session, message: Unsubscribe) -> None:
    rule, thing = topic_rules.find(message.topic)
    await session.services.hub.leave(rule.topic(session.principal, thing), session.connection)
    session.ok(message, topic=message.topic)


async def _chat(session: Session, message: Chat) -> None:
    me = session.principal
    await session.services.limiter.take(f"chat {me.user_id}", *CHAT_LIMIT)
    said = await session.services.chat.say(me, message.show, message.text)
    session.ok(message, message_id=said.message_id, state=said.state.value)


async def _heart(session: Session, message: Heart) -> None:
    if f"show:{message.show}" not in session.connection.subscriptions:
        raise Problem(409, "not_subscribed", "Follow the show first.", "show")
    session.services.hearts.add(message.show, message.count)
    if message.ref is not None:
        session.ok(message)


async def _courier_position(session: Session, message: CourierPosition) -> None:
    me, place = session.principal, message.position
    await session.services.limiter.take(f"position {me.user_id}", *POSITION_LIMIT)
    moved = await session.services.delivery.couriers.move(
        me.user_id, (place.lon, place.lat), message.accuracy_m, message.at
    )
    if message.ref is not None:
        session.ok(message, moved=moved.value)


MESSAGES: Final[dict[str, MessageRule]] = {
    rule.name: rule
    for rule in (
        MessageRule("hello", "{token}", anyone(), _hello),
        MessageRule("subscribe", "{topic, after?}", signed_in("see topics"), _subscribe),
        MessageRule("unsubscribe", "{topic}", signed_in(), _unsubscribe),
        MessageRule("chat", "{show, text}", signed_in("not muted or banned, show live or paused"), _chat),
        MessageRule("heart", "{show, count}", signed_in(), _heart),
        MessageRule("courier_position", "{position, accuracy_m, at}", only(Role.COURIER), _courier_position),
    )
}
