"""Shows that this node carries for another: pulled by WHEP when the first viewer comes, let go after the last has left.

A show is pulled once, however many wait for it. When the other node dies, or the publisher moves to a third, viewers
keep their sessions, and the show is pulled again from wherever the directory says that it is.
"""

import asyncio
import time

import aiohttp
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media import sdp, tokens
from media.answer import agree_publisher
from media.background import end
from media.client import NodeClient
from media.directory import TOLD, Directory, NodeAddress
from media.errors import MediaError, NodeAnswerError
from media.ice import new_credentials
from media.node import Node
from media.port import DatagramPort
from media.pull_offer import write_offer
from media.show import Show
from media.uplink import Uplink

PATIENCE = 5.0  # seconds that a viewer waits for a pull
LISTEN = 10.0  # seconds
STEP = 0.5  # seconds between two looks at what is pulled
AGAIN = 1.0  # seconds between two attempts for a show that is silent
TOKEN_TTL = 60  # seconds
LARGEST_ANSWER = 64 * 1024  # bytes
_TIMEOUT = aiohttp.ClientTimeout(total=4)

log = structlog.get_logger(__name__)


class Puller:
    """One node's pulls. Run `listen` and `look_after`, and `close` it before the node."""

    def __init__(self, node: Node, redis: Redis, http: aiohttp.ClientSession) -> None:
        self._node = node
        self._redis = redis
        self._http = http
        self._directory = Directory(redis)
        self._id = node.settings.node_id
        self._pulls: dict[str, asyncio.Task[None]] = {}
        self._tried: dict[str, float] = {}
        self._alone: dict[str, float] = {}
        node.fetch = self.fetch

    async def fetch(self, name: str) -> None:
        """Pull a show that another node has. Returns when it is here, or when that cannot be."""
        await asyncio.shield(self._begin(name))

    def _begin(self, name: str) -> asyncio.Task[None]:
        task = self._pulls.get(name)
        if task is None:
            self._tried[name] = self._node.loop.time()
            task = self._pulls[name] = asyncio.ensure_future(self._pull(name))
            task.add_done_callback(lambda _: self._pulls.pop(name, None))
        return task

    async def _pull(self, name: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                origin = await self._directory.node_for(name)
                if origin is not None and origin.node_id not in {self._id, self._fed_by(name)}:
                    await self._pull_from(name, origin)
        except (RedisError, aiohttp.ClientError, TimeoutError, MediaError, OSError) as error:
            log.warning("pull_failed", show=name, error=str(error) or type(error).__name__)

    async def _pull_from(self, name: str, origin: NodeAddress) -> None:
        since = time.monotonic()
        settings, node = self._node.settings, self._node
        rids = await self._layers(name, origin)
        credentials = new_credentials()
        answer = await self._ask(name, origin, write_offer(credentials, node.certificate.fingerprint, rids))
        description = sdp.parse_offer(answer)
        agreed = agree_publisher(description, {})
        present = node.shows.get(name)
        if present is not None and present.publisher is not None and not present.relayed:
            return  # its publisher has come to us meanwhile
        show = node.borrowed(name)
        place = node.place(DatagramPort(settings.udp_host, 0, plain=settings.plain_io))
        opened, flush = show.publisher_opened, node.flush
        link = Uplink(place, name, self._id, origin.node_id, description, agreed, opened, credentials, flush)
        show.expect(link)
        link.start()
        try:
            await link.settled
        finally:
            if link.state != "open":
                link.close("not reached")
        log.info("pulled", show=name, origin=origin.node_id, layers=len(rids), seconds=time.monotonic() - since)

    def _fed_by(self, name: str) -> str:
        """The node that a show comes from now, "" if from none."""
        show = self._node.shows.get(name)
        return show.publisher.origin if show is not None and isinstance(show.publisher, Uplink) else ""

    async def _layers(self, name: str, origin: NodeAddress) -> list[str]:
        """The rids of the show's video at its origin; empty without simulcast."""
        keys = self._node.settings
        shows = await NodeClient(self._http, origin.url, keys.signing_secret, keys.key_id).shows()
        tracks = [track for show in shows if show.show == name for track in show.tracks]
        found = [track.layer for track in tracks if track.kind == "video" and track.layer]
        return found if len(found) > 1 else []

    async def _ask(self, name: str, origin: NodeAddress, offer: str) -> str:
        keys = self._node.settings
        token = tokens.mint_relay(keys.signing_secret, name, self._id, TOKEN_TTL, keys.key_id)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        url = f"{origin.url}/whep/{name}"
        async with self._http.post(url, data=offer, headers=headers, timeout=_TIMEOUT) as response:
            body = await response.content.read(LARGEST_ANSWER)
            if response.status != 201:
                raise NodeAnswerError(f"the origin answered {response.status}")
            return body.decode("utf-8", "replace")

    # ---- what becomes of them

    async def listen(self) -> None:
        """Hear what other nodes tell of shows; until cancelled."""
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(TOLD)
                    while True:
                        message = await channel.get_message(timeout=LISTEN)
                        if message is not None:
                            self._heard(*message["data"].decode().split(" "))
            except RedisError as error:
                log.warning("redis_away", error=str(error))
                await asyncio.sleep(1)

    def _heard(self, name: str, kind: str, owner: str) -> None:
        if kind in {"publishing", "back"}:
            self.moved(name, owner)
        if kind in {"lost", "back"} and self._fed_by(name) == owner:
            self._node.tell_here(name, "lost" if kind == "lost" else "back")

    def moved(self, name: str, owner: str) -> None:
        """A show is published to this node now."""
        show = self._node.shows.get(name)
        if show is None or owner == self._id:
            return
        show.displaced(self._node.loop.time())
        if show.viewers:
            self._begin(name)

    async def look_after(self) -> None:
        """Keep what is watched coming, and let go what is not; until cancelled."""
        while True:
            await asyncio.sleep(STEP)
            now = self._node.loop.time()
            borrowed = {name: show for name, show in self._node.shows.items() if show.relayed}
            for name, show in borrowed.items():
                self._look_at(name, show, now)
            for kept in (self._alone, self._tried):
                for name in kept.keys() - borrowed.keys():
                    del kept[name]

    def _look_at(self, name: str, show: Show, now: float) -> None:
        if show.viewers:
            self._alone.pop(name, None)
            fed = any(track.alive(now) for stream in show.streams.values() for track in stream.layers)
            if not fed and now - self._tried.get(name, 0.0) >= AGAIN:
                self._begin(name)
        elif name not in self._pulls and now - self._alone.setdefault(name, now) >= self._node.settings.linger:
            show.end("nobody watches", now)

    async def close(self) -> None:
        """Begin no more pulls, and end those that have begun."""
        self._node.fetch = None
        await end(*self._pulls.values())
