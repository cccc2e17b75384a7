"""Who is a member of the shop: operators find people, and say what they are."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.accounts.model import User
from live.http.access import Role, only
from live.http.route import Call, Limit, Nothing, RouteTable

routes = RouteTable("members")
DESK: Final = only(Role.OPERATOR, Role.ADMIN)


class Membership(BaseModel):
    """A level of membership in the shop, such as "member" or "gold"; null: no member."""

    model_config = ConfigDict(extra="forbid")
    level: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] | None


class MemberView(BaseModel):
    """Somebody, with the level of membership. `login` is null for a guest."""

    id: str
    name: str
    login: str | None
    role: Role
    membership: str | None


class PeopleQuery(BaseModel):
    """Whom to look for: part of a name, a login or an id, or a guest's whole id. `members`: of the shop only."""

    q: Annotated[str, Field(max_length=100)] = ""
    members: bool = False
    after: Annotated[str, Field(max_length=2000)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class People(BaseModel):
    """A page of people, by name; what comes after `next`."""

    items: list[MemberView]
    next: str | None


@routes.add(
    "GET",
    "/api/console/people",
    access=DESK,
    query=PeopleQuery,
    returns=People,
    limit=Limit(120, 60),
    summary="Find people",
)
async def people(call: Call[Nothing, PeopleQuery]) -> People:
    """By name. Guests who are no members are found by their whole id alone."""
    query = call.query
    found, more = await call.services.accounts.find(query.q, query.after, query.limit, members=query.members)
    return People(items=[_view(user) for user in found], next=more)


@routes.add(
    "PUT",
    "/api/console/people/{user}/membership",
    access=DESK,
    body=Membership,
    returns=MemberView,
    summary="Make somebody a member of the shop, or none",
    codes=("user_unknown",),
)
async def set_membership(call: Call[Membership, Nothing]) -> MemberView:
    """Members pay the members' prices, from the next quote on. It is logged, with what they were before."""
    before = await call.services.accounts.user(call.path("user"))
    user = await call.services.accounts.set_membership(before.id, call.body.level)
    what = {"level": call.body.level, "before": before.membership}
    await call.services.moderation.audit.append(call.me.user_id, "membership.set", user.id, user.name, what)
    return _view(user)


def _view(user: User) -> MemberView:
    return MemberView(id=user.id, name=user.name, login=user.login, role=user.role, membership=user.membership)
