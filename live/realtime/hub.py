"""The sockets of this process by topic."""

import json
from typing import Final

from live.http.access import Role
from live.realtime.connection import Close, Connection, Subscription
from live.realtime.presence import Presence
from live.realtime.reader import TopicReader
from live.realtime.topics import Event, Topics

#: A topic between processes, which no page can name: what every hub must do.
CONTROL: Final = "control"
#: Those who make and mind shows are not counted as viewers.
_BEHIND_THE_SCENES: Final = frozenset({Role.ASSOCIATE, Role.OPERATOR, Role.ADMIN})


class Hub:
    """Gives each event to the sockets that follow its topic; the reader follows what some socket follows."""

    def __init__(self, topics: Topics, presence: Presence) -> None:
        self._topics = topics
        self._presence = presence
        self._connections: set[Connection] = set()
        self._followers: dict[str, set[Connection]] = {}
        self._reader: TopicReader | None = None

    async def listen(self, reader: TopicReader) -> None:
        """Where events come from: the reader delivers to this hub. Its `run` must be under way."""
        self._reader = reader
        await reader.follow(CONTROL)

    def add(self, connection: Connection) -> None:
        """A socket opened."""
        self._connections.add(connection)

    async def remove(self, connection: Connection) -> None:
        """A socket closed."""
        self._connections.discard(connection)
        for topic in list(connection.subscriptions):
            await self.leave(topic, connection)

    def count(self, user_id: str) -> int:
        """How many sockets somebody has here."""
        return sum(1 for one in self._connections if one.principal and one.principal.user_id == user_id)

    async def join(self, topic: str, connection: Connection) -> None:
        """Collect the topic's events for this socket from now on; none is missed after this returns."""
        if topic not in connection.subscriptions:
            self._count(topic, connection, joins=True)
        connection.subscriptions[topic] = Subscription()
        self._followers.setdefault(topic, set()).add(connection)
        if self._reader is not None:
            await self._reader.follow(topic)

    async def leave(self, topic: str, connection: Connection) -> None:
        """The socket follows the topic no more."""
        if connection.subscriptions.pop(topic, None) is None:
            return
        self._count(topic, connection, joins=False)
        followers = self._followers.get(topic, set())
        followers.discard(connection)
        if not followers and self._followers.pop(topic, None) is not None and self._reader is not None:
            await self._reader.unfollow(topic)

    def deliver(self, topic: str, event: Event) -> None:
        """Queue the frame for every follower: the same bytes, no waiting."""
        if topic == CONTROL:
            self._obey(event)
        for connection in self._followers.get(topic, ()):
            connection.event(topic, event)

    def lost(self, topic: str) -> None:
        """Events are gone for good (Redis was away for long): the pages come back and get a snapshot."""
        for connection in self._followers.get(topic, ()):
            connection.close(Close.RESTART)

    def end_session(self, family: str) -> None:
        """A session ended: its sockets here close (the revocations tell every process)."""
        for connection in self._connections:
            if connection.principal is not None and connection.principal.family == family:
                connection.close(Close.TOKEN_ENDED)

    async def shut_out(self, user_id: str, show_id: str | None) -> None:
        """Somebody may not watch any more (`show_id` None: no show at all): every process stops sending."""
        await self._topics.publish(CONTROL, "shut_out", {"user_id": user_id, "show_id": show_id})

    def _obey(self, event: Event) -> None:
        data = json.loads(event.frame)["data"]
        user_id, show_id = data["user_id"], data["show_id"]
        for connection in self._connections:
            if connection.principal is None or connection.principal.user_id != user_id:
                continue
            for topic in [name for name in connection.subscriptions if name.startswith("show:")]:
                if show_id is None or topic == f"show:{show_id}":
                    self._count(topic, connection, joins=False)
                    del connection.subscriptions[topic]
                    self._followers[topic].discard(connection)

    def _count(self, topic: str, connection: Connection, *, joins: bool) -> None:
        """Viewers are counted by who follows the show."""
        kind, _, show_id = topic.partition(":")
        if kind != "show" or connection.principal is None or connection.principal.role in _BEHIND_THE_SCENES:
            return
        if joins:
            self._presence.joined(show_id)
        else:
            self._presence.left(show_id)

    def close(self) -> None:
        """The process ends: pages reconnect at once, to another or to the next one."""
        for connection in self._connections:
            connection.close(Close.RESTART)

    @property
    def size(self) -> int:
        """Open sockets of this process."""
        return len(self._connections)
