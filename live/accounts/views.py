"""What the API says of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from live.accounts.model import User
from live.http.access import Role


class UserView(BaseModel):
    """The caller's own person."""

    id: str
    name: str
    role: Role
    store_id: str | None
    store_name: str | None
    login: str | None
    membership: str | None


class GrantView(BaseModel):
    """A session's answer; the refresh token goes into the cookie. `expires_in` is in seconds."""

    access_token: str
    expires_in: int
    user: UserView


class InviteView(BaseModel):
    """What an invitation offers."""

    role: Role
    store_name: str | None
    expires_at: datetime


class NewInviteView(BaseModel):
    """The link to hand over; `token` is its last part."""

    url: str
    token: str
    expires_at: datetime


class NamedStore(Protocol):
    """A store, as far as its name."""

    @property
    def name(self) -> str: ...


class Stores(Protocol):
    """The catalogue, as far as names need it."""

    async def stores(self, store_ids: Iterable[str]) -> Mapping[str, NamedStore]:
        """Those that exist, by id."""


async def store_name(stores: Stores, store_id: str | None) -> str | None:
    """The name of a store, None without one or when it is gone."""
    if store_id is None:
        return None
    found = (await stores.stores([store_id])).get(store_id)
    return found.name if found is not None else None


async def user_view(user: User, stores: Stores) -> UserView:
    """The person with the name of the store."""
    return UserView(
        id=user.id,
        name=user.name,
        role=user.role,
        store_id=user.store_id,
        store_name=await store_name(stores, user.store_id),
        login=user.login,
        membership=user.membership,
    )
