"""The policies of dispatch by name, each with the interval it is meant for and the parameters it has."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from delivery.dispatching.baseline import BaselineParameters, baseline
from delivery.dispatching.engine import EngineParameters, engine
from delivery.dispatching.nearest import nearest_free
from delivery.dispatching.plan import Policy


@dataclass(frozen=True, slots=True)
class Choice:
    """`make` builds the policy from changed parameters; `interval_min` is used where no other is asked for."""

    make: Callable[[Mapping[str, str]], Policy]
    interval_min: int


class UnknownParameter(Exception):
    """The policy has no such parameter, or it takes no such value."""


def changed(defaults: Any, texts: Mapping[str, str]) -> Any:
    """A copy of a dataclass of parameters with some read from text; `weights.late` is one of an inner dataclass.

    Raises UnknownParameter.
    """
    found = defaults
    for name, text in texts.items():
        outer, _, inner = name.partition(".")
        old = getattr(found, outer, None)
        if inner and dataclasses.is_dataclass(old):
            value = changed(old, {inner: text})
        elif isinstance(old, (bool, int, float)) and not inner:
            value = _read(old, name, text)
        else:
            raise UnknownParameter(f"{type(defaults).__name__} has no number {name}")
        found = dataclasses.replace(found, **{outer: value})
    return found


def _read(old: bool | float, name: str, text: str) -> bool | float:
    try:
        return text.lower() in {"1", "true", "yes"} if isinstance(old, bool) else type(old)(text)
    except ValueError as error:
        raise UnknownParameter(f"{name}: {error}") from error


def _nearest(texts: Mapping[str, str]) -> Policy:
    if texts:
        raise UnknownParameter("nearest has no parameters")
    return nearest_free


def _baseline(texts: Mapping[str, str]) -> Policy:
    return baseline(changed(BaselineParameters(), texts))


def _engine(texts: Mapping[str, str]) -> Policy:
    return engine(changed(EngineParameters(), texts))


POLICIES: dict[str, Choice] = {
    "baseline": Choice(_baseline, 5),
    "engine": Choice(_engine, 1),
    "nearest": Choice(_nearest, 1),
}
