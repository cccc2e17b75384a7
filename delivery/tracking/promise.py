"""When a promised window is replaced by another one: a pure function, so that it can be read and tested.

The window of the checkout holds for as long as it can be kept. Once it cannot, the buyer is told at once, by how much
and why; what was promised first stays beside it for good. Small swings of the guess change nothing: a window that jumps
with each traffic light is no promise.
"""

import math
from datetime import UTC, datetime, timedelta

from delivery.model import Job
from delivery.settings import DeliverySettings
from delivery.tracking.model import Expected, Promise, PromiseChange, Reason, Window

ROUND_S = 5 * 60  # windows are told in steps of so many seconds


def first_promise(job: Job, settings: DeliverySettings) -> Promise:
    """What was promised at the checkout."""
    start = job.due_from or job.due_at - timedelta(seconds=settings.window_s)
    return Promise(job.id, Window(start, job.due_at))


def next_change(
    promise: Promise, expected: Expected, now: datetime, settings: DeliverySettings
) -> PromiseChange | None:
    """What the buyer is to be told now; None while what was told last holds."""
    told = promise.window
    if expected.at > told.end + timedelta(seconds=settings.promise_grace_s):
        window = _around(expected.at, settings)
        return _change(told, window, expected.reason, now)
    if not promise.changes:
        return None
    better = _around(expected.at, settings)
    if better.end <= promise.first.end:
        better = promise.first  # back to what was promised first, never below it: the buyer has planned by it
    if (told.end - better.end).total_seconds() < settings.promise_better_s:
        return None
    return _change(told, better, Reason.FASTER, now)


def _around(at: datetime, settings: DeliverySettings) -> Window:
    """A window that begins at or before the guess, and leaves time after it: it is expected in the first half."""
    start = datetime.fromtimestamp(ROUND_S * math.floor(at.timestamp() / ROUND_S), UTC)
    end = start + timedelta(seconds=settings.promise_window_s)
    return Window(start, end)


def _change(told: Window, window: Window, reason: Reason, now: datetime) -> PromiseChange:
    return PromiseChange(now, window, round((window.end - told.end).total_seconds()), reason)
