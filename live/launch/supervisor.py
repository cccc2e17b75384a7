"""Starts children in order, starts again what crashes, and ends all of them in reverse order."""

import asyncio
import re
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from live.launch.errors import ProcessError
from live.launch.process import Process, Program, describe_status

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
STEADY_AFTER: Final = 60.0  # a child that ran for so long (seconds) is started again at once
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Service(Protocol):
    """Something that a child does for us. Its program is asked for at each start, so it can keep what it has learnt."""

    @property
    def name(self) -> str: ...

    def program(self) -> Program: ...

    def ready(self, line: re.Match[str]) -> None:
        """Take note of the line with which the child said that it is ready."""


Say = Callable[[str, str], None]
"""Takes the name of the child that it is about, and a line."""


class Supervisor:
    """Runs `groups` of services: those of a group start together, a group after the one before is ready.

    Those of `later` start one after another when everything else is ready, and nobody waits for them.
    `say` gets what is to be told to people, `pass_on` what the children write.
    """

    def __init__(
        self, groups: Sequence[Sequence[Service]], say: Say, pass_on: Say, later: Sequence[Service] = ()
    ) -> None:
        self._groups = groups
        self._later = later
        self._say = say
        self._pass_on = pass_on
        self._running: dict[str, Process] = {}
        self._turn = asyncio.Lock()

    async def run(self, when_ready: Callable[[], Awaitable[None]]) -> None:
        """Start everything, await `when_ready`, and keep it running until a signal asks to stop; then end it all.

        A second signal while ending kills what is left.

        Raises:
            ProcessError: a child did not get ready on the first start.
        """
        loop = asyncio.get_running_loop()
        work = asyncio.ensure_future(self._work(when_ready))

        def asked() -> None:
            if work.done() or work.cancelling():
                self._kill()
            else:
                work.cancel()

        heard = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]  # nohup ignores SIGHUP
        for number in heard:
            loop.add_signal_handler(number, asked)
        try:
            await asyncio.wait([work])
            await self._stop()
        finally:
            for number in heard:
                loop.remove_signal_handler(number)
        if not work.cancelled():
            work.result()

    async def _work(self, when_ready: Callable[[], Awaitable[None]]) -> None:
        for group in self._groups:
            starts = [asyncio.ensure_future(self._start(service)) for service in group]
            try:
                await asyncio.gather(*starts)
            finally:  # one failed, or we are to stop: no start may go on behind our back
                for start in starts:
                    start.cancel()
                await asyncio.gather(*starts, return_exceptions=True)
        keepers = [asyncio.ensure_future(self._keep(service)) for group in self._groups for service in group]
        keepers += [asyncio.ensure_future(self._start_and_keep(service)) for service in self._later]
        try:
            await when_ready()
            await asyncio.gather(*keepers)
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)

    async def _start(self, service: Service) -> None:
        program = service.program()

        def pass_on(text: str) -> None:
            if not program.ready.search(text):  # that one was meant for us
                self._pass_on(service.name, text)

        process, line = await Process.start(program, pass_on)
        self._running[service.name] = process
        service.ready(line)

    async def _start_and_keep(self, service: Service) -> None:
        try:
            async with self._turn:  # on few cores they would only hinder each other, and what runs already
                await self._start(service)
        except ProcessError as error:
            self._say(service.name, str(error))
            await self._start_again(service, FIRST_PAUSE)
        await self._keep(service)

    async def _keep(self, service: Service) -> None:
        """Start the service again whenever it ends, with growing pauses while it does not hold."""
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            process = self._running[service.name]
            status = await process.wait()
            pause = FIRST_PAUSE if time.monotonic() - since > STEADY_AFTER else pause
            self._say(service.name, f"{process.failure(f'ended with {describe_status(status)}')}")
            pause = await self._start_again(service, pause)

    async def _start_again(self, service: Service, pause: float) -> float:
        """Try until it runs, first after `pause` seconds; return the pause for the next time."""
        while True:
            self._say(service.name, f"{service.name} starts again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await self._start(service)
            except ProcessError as error:
                self._say(service.name, str(error))
            else:
                self._say(service.name, f"{service.name} runs again")
                return pause

    async def _stop(self) -> None:
        await asyncio.gather(*(process.stop() for process in self._of(self._later)))
        for process in reversed([process for group in self._groups for process in self._of(group)]):
            await process.stop()

    def _of(self, services: Sequence[Service]) -> list[Process]:
        return [self._running[service.name] for service in services if service.name in self._running]

    def _kill(self) -> None:
        for process in self._running.values():
            process.kill()
