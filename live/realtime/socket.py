"""The WebSocket endpoint: hello first, then messages, until somebody closes (docs/protocol.md, Socket)."""

import asyncio
import time
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import WSMsgType, web

from live.http.errors import problem_of
from live.http.problem import Problem
from live.realtime.connection import Close, Connection
from live.realtime.dispatch import Session, problem_frame
from live.realtime.messages import BadMessage, ClientMessage, Refused, parse

if TYPE_CHECKING:
    from live.services import Services

log = structlog.get_logger(__name__)

HELLO_WITHIN: Final = 5.0
HEARTBEAT: Final = 20.0
LONGEST_MESSAGE: Final = 8 * 1024
#: Messages a second, and how many at once.
PACE, BURST = 10.0, 60.0


class _Allowance:
    """A token bucket of this socket's own."""

    def __init__(self) -> None:
        self._left = BURST
        self._at = time.monotonic()

    def take(self) -> bool:
        """Whether one more message is allowed now."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * PACE)
        self._at = now
        self._left -= 1
        return self._left >= 0


async def serve(request: web.Request, services: "Services") -> web.WebSocketResponse:
    """One socket from its upgrade to its end."""
    services.frontier.check(request.headers, request.host)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE, compress=False)
    if not socket.can_prepare(request):
        raise Problem(426, "upgrade_required", "This address speaks WebSocket.", headers={"Upgrade": "websocket"})
    await socket.prepare(request)
    connection = Connection(socket, request.transport)
    session = Session(services, connection)
    services.hub.add(connection)
    services.metrics.sockets.set(services.hub.size)
    writing = asyncio.create_task(connection.run(), name="socket writer")
    watching = asyncio.create_task(_watch(connection), name="socket watch")
    try:
        await _read(socket, session)
    finally:
        watching.cancel()
        if connection.closing is None:
            writing.cancel()
        await asyncio.gather(writing, watching, return_exceptions=True)
        await services.hub.remove(connection)
        services.metrics.sockets.set(services.hub.size)
        if connection.closing is not None:
            services.metrics.socket_closes.labels(str(int(connection.closing))).inc()
    return socket


async def _watch(connection: Connection) -> None:
    """Close it when nobody says hello, and when the token ends without a new one."""
    await asyncio.sleep(HELLO_WITHIN)
    if connection.principal is None:
        connection.close(Close.NO_HELLO)
        return
    await connection.token_ended()
    connection.close(Close.TOKEN_ENDED)


async def _read(socket: web.WebSocketResponse, session: Session) -> None:
    allowance = _Allowance()
    async for message in socket:
        if session.connection.closing is not None:
            continue
        if not allowance.take():
            session.connection.close(Close.TOO_MANY)
        elif message.type is WSMsgType.TEXT:
            await _take(message.data, session)
        elif message.type is WSMsgType.BINARY:
            session.connection.close(Close.BAD_MESSAGE)


async def _take(text: str, session: Session) -> None:
    try:
        name, message = parse(text)
    except BadMessage:
        session.connection.close(Close.BAD_MESSAGE)
        return
    except Refused as refused:
        session.connection.send(problem_frame(refused.problem, refused.ref))
        return
    outcome = await _answer(name, message, session)
    session.services.metrics.socket_messages.labels(name, outcome).inc()


async def _answer(name: str, message: ClientMessage, session: Session) -> str:
    """Handle it; the outcome for the metrics: ok or the problem's code."""
    try:
        await session.handle(name, message)
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            log.exception("message failed", type=name)
            problem = Problem(500, "internal", "Something went wrong here.")
        session.connection.send(problem_frame(problem, message.ref))
        if name == "hello" and problem.status == 401:
            session.connection.close(Close.TOKEN_ENDED)
        return problem.code
    return "ok"
