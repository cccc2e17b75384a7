"""How long things take, sped up, and what the players of one simulation know of each other."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of the story; `speed` of them pass in one real second."""

    speed: float
    to_accept: float = 20.0
    to_begin: float = 20.0
    to_pick: float = 150.0
    at_counter: float = 20.0
    to_answer: float = 8.0
    at_door: float = 45.0
    ride_mps: float = 5.5
    """Metres a second of an e-bike in the city."""

    async def take(self, seconds: float) -> None:
        """Let the story's seconds pass."""
        await asyncio.sleep(seconds / self.speed)


@dataclass(slots=True)
class Counter:
    """What is said across the counter: the codes that couriers of this simulation show, by order."""

    shown: dict[str, str] = field(default_factory=dict)
