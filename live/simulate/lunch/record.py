"""What happened: filled in while the story is played, read by summary and plot. Times are seconds of the story."""

from collections import Counter
from dataclasses import dataclass, field

from delivery.quotes.model import DeliveryQuote
from live.simulate.lunch.town import Wish


@dataclass(slots=True)
class OrderRecord:
    """One wish, from the click to the door. `refused` is the code of why nothing could be promised."""

    wish: Wish
    refused: str = ""
    quote: DeliveryQuote | None = None
    job_id: str = ""
    due_s: float = 0.0
    ready_s: float | None = None
    collected_s: float | None = None
    delivered_s: float | None = None
    trip: str = ""

    @property
    def over(self) -> bool:
        return bool(self.refused) or self.delivered_s is not None


@dataclass(slots=True)
class Stretch:
    """A courier at work, from accepting to the last door."""

    courier: int
    begins_s: float
    ends_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """The city at one moment."""

    at_s: float
    placed: int
    delivered: int
    untaken: int
    busy: int


@dataclass(slots=True)
class Record:
    """Everything."""

    orders: dict[str, OrderRecord] = field(default_factory=dict)
    """By order id."""
    stretches: list[Stretch] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    """Kinds of delivery's events; releases by their reason."""
    plans_cpu_s: list[float] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)

    def busy(self) -> int:
        """Couriers at work now."""
        return sum(one.ends_s is None for one in self.stretches)
