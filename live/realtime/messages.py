"""What a page may say on its socket. Parsed once, here."""

from typing import Annotated, Any, Final, Literal

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from live.http.parsing import Moment, invalid
from live.http.problem import Problem
from live.http.visible import Visible

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ClientMessage(BaseModel):
    """Every message: `ref` comes back with the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ref: Annotated[str, StringConstraints(max_length=64)] | None = None


class Hello(ClientMessage):
    """Who I am: first, and again before the token ends."""

    type: Literal["hello"]
    token: Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class Subscribe(ClientMessage):
    """Follow a topic, from the event after `after` if it is still kept."""

    type: Literal["subscribe"]
    topic: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    after: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class Unsubscribe(ClientMessage):
    """Follow it no more."""

    type: Literal["unsubscribe"]
    topic: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class Chat(ClientMessage):
    """Say something in a show."""

    type: Literal["chat"]
    show: Id
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), Visible]


class Heart(ClientMessage):
    """Hearts since the last message."""

    type: Literal["heart"]
    show: Id
    count: Annotated[int, Field(ge=1, le=20)]


class Place(BaseModel):
    """WGS 84 degrees."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class CourierPosition(ClientMessage):
    """Where a courier's device is, as it measured it; `accuracy_m` is a radius, `at` the device's time."""

    type: Literal["courier_position"]
    position: Place
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
    at: Moment


KINDS: Final[dict[str, type[ClientMessage]]] = {
    "hello": Hello,
    "subscribe": Subscribe,
    "unsubscribe": Unsubscribe,
    "chat": Chat,
    "heart": Heart,
    "courier_position": CourierPosition,
}


class BadMessage(Exception):
    """Not a message at all: the socket is closed with 4400."""


class Refused(Exception):
    """A message whose members do not fit. `ref` is its own, where it could be read."""

    def __init__(self, problem: Problem, ref: str | None) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.ref = ref


def parse(text: str) -> tuple[str, ClientMessage]:
    """The message's type and itself. Raises BadMessage, Refused."""
    try:
        members: Any = pydantic_core.from_json(text, allow_inf_nan=False)
    except ValueError:
        raise BadMessage("not JSON") from None
    if not isinstance(members, dict):
        raise BadMessage("not an object")
    name = members.get("type")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadMessage("unknown type")
    try:
        return str(name), kind.model_validate_json(text, strict=True)
    except ValidationError as error:
        ref = members.get("ref")
        known = ref if isinstance(ref, str) and len(ref) <= 64 else None
        raise Refused(invalid(error, 422, "invalid_body"), known) from None
