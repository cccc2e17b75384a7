"""Sign-in: sessions, the own person, invitations.

The refresh token is in a cookie that only this path gets, that no script reads and no other site sends. Everything that
uses it is a POST, and `live/http/origin.py` refuses those of foreign pages.
"""

from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.accounts.accounts import Credentials
from live.accounts.errors import InvalidField
from live.accounts.model import SignedIn
from live.accounts.views import GrantView, InviteView, NewInviteView, UserView, store_name, user_view
from live.http.access import Role, anyone, only, signed_in
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from moderation.model import Action

routes = RouteTable("accounts")

COOKIE: Final = "nearlive_refresh"
PATH: Final = "/api/session"
_BY_COOKIE: Final = anyone("cookie")

Secret = Annotated[str, Field(max_length=512, repr=False)]
Short = Annotated[str, StringConstraints(max_length=256)]


class SignIn(BaseModel):
    """A login and its password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    login: Short
    password: Secret


class SignUp(SignIn):
    """A new person; `name` is what others see."""

    name: Short


class Naming(BaseModel):
    """A new name."""

    model_config = ConfigDict(extra="forbid")
    name: Short


class NewInvite(BaseModel):
    """Whom to invite, and to which store."""

    model_config = ConfigDict(extra="forbid")
    role: Literal["associate", "staff", "courier"]
    store_id: Annotated[str, StringConstraints(max_length=64)] | None = None


@routes.add("POST", "/api/session/guest", access=anyone(), returns=GrantView, summary="Become a guest")
async def guest(call: Call[Nothing, Nothing]) -> web.Response:
    """A guest of its own, in the place of the session that this browser may have had."""
    return await _granted(call, await call.services.accounts.guest(_address(call), _locale(call), _cookie(call)))


@routes.add(
    "POST",
    "/api/session/sign-up",
    access=anyone(),
    body=SignUp,
    returns=GrantView,
    status=201,
    summary="Become a member",
    codes=("login_taken",),
)
async def sign_up(call: Call[SignUp, Nothing]) -> web.Response:
    """The guest of this browser stays the same person."""
    credentials = await _credentials(call)
    signed = await call.services.accounts.sign_up(credentials, _address(call), _cookie(call))
    return await _granted(call, signed, 201)


@routes.add(
    "POST",
    "/api/session/sign-in",
    access=anyone(),
    body=SignIn,
    returns=GrantView,
    summary="Sign in",
    codes=("wrong_password",),
)
async def sign_in(call: Call[SignIn, Nothing]) -> web.Response:
    """In the place of the session that this browser may have had."""
    body = call.body
    signed = await call.services.accounts.sign_in(body.login, body.password, _address(call), _cookie(call))
    return await _granted(call, signed)


@routes.add(
    "POST",
    "/api/session/refresh",
    access=_BY_COOKIE,
    returns=GrantView,
    summary="A new access token for the cookie",
    codes=("session_ended", "changing"),
)
async def refresh(call: Call[Nothing, Nothing]) -> web.Response:
    """The cookie rotates. One that is of no use is left alone: by now the browser may have a newer one."""
    return await _granted(call, await call.services.accounts.refresh(_cookie(call) or ""))


@routes.add("POST", "/api/session/sign-out", access=_BY_COOKIE, status=204, summary="End the session")
async def sign_out(call: Call[Nothing, Nothing]) -> web.Response:
    """On this device: the refresh family, and every access token of it at once."""
    await call.services.accounts.sign_out(_cookie(call), call.principal)
    return web.Response(status=204, headers={"Set-Cookie": _cookie_header(call, "", 0)})


@routes.add(
    "GET",
    "/api/session/invite/{token}",
    access=anyone(),
    returns=InviteView,
    summary="What an invitation offers",
    codes=("invite_unknown", "invite_used", "invite_expired"),
)
async def invitation(call: Call[Nothing, Nothing]) -> InviteView:
    """Looking does not spend it."""
    invite = await call.services.accounts.invitation(call.path("token"))
    name = await store_name(call.services.orders.catalogue, invite.store_id)
    return InviteView(role=invite.role, store_name=name, expires_at=invite.expires_at)


@routes.add(
    "POST",
    "/api/session/invite/{token}",
    access=anyone(),
    body=SignUp,
    returns=GrantView,
    status=201,
    summary="Accept an invitation",
    codes=("invite_unknown", "invite_used", "invite_expired", "login_taken"),
)
async def accept(call: Call[SignUp, Nothing]) -> web.Response:
    """A new person with the role and the store of the invitation, which is spent only when this succeeds."""
    credentials = await _credentials(call)
    signed = await call.services.accounts.redeem(call.path("token"), credentials, _address(call), _cookie(call))
    return await _granted(call, signed, 201)


@routes.add(
    "POST",
    "/api/invites",
    access=only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: own store"),
    body=NewInvite,
    returns=NewInviteView,
    status=201,
    summary="Invite somebody to work in a store",
    codes=("invite_forbidden", "store_unknown"),
)
async def invite(call: Call[NewInvite, Nothing]) -> NewInviteView:
    """Good once, for three days."""
    store_id = call.body.store_id or (call.me.store_id if call.me.role is Role.STAFF else None)
    if store_id is not None and not await call.services.orders.catalogue.stores([store_id]):
        raise Problem(404, "store_unknown", "There is no such store.", "store_id")
    made = await call.services.accounts.invite(call.me, Role(call.body.role), store_id)
    origin = call.services.settings.public_url or f"{call.request.scheme}://{call.request.host}"
    return NewInviteView(url=f"{origin}/join/{made.token}", token=made.token, expires_at=made.invite.expires_at)


@routes.add("GET", "/api/me", access=signed_in(), returns=UserView, summary="Who I am", codes=("user_unknown",))
async def me(call: Call[Nothing, Nothing]) -> UserView:
    """As it is now; the access token may be up to ten minutes older."""
    user = await call.services.accounts.user(call.me.user_id)
    return await user_view(user, call.services.orders.catalogue)


@routes.add(
    "PATCH",
    "/api/me",
    access=signed_in(),
    body=Naming,
    returns=UserView,
    summary="Change my name",
    codes=("user_unknown",),
)
async def rename(call: Call[Naming, Nothing]) -> UserView:
    """In force in chat from the next access token on: the page refreshes its own."""
    await _check_words(call, call.body.name)
    user = await call.services.accounts.rename(call.me.user_id, call.body.name)
    return await user_view(user, call.services.orders.catalogue)


async def _credentials(call: Call[SignUp, Nothing]) -> Credentials:
    await _check_words(call, call.body.name)
    return Credentials(call.body.login, call.body.password, call.body.name, _locale(call))


async def _check_words(call: Call[Any, Any], name: str) -> None:
    verdict = await call.services.moderation.rules.check(name)
    if verdict.action is not Action.ALLOW:
        raise InvalidField("name", "This name breaks a word rule.")


async def _granted(call: Call[Any, Any], signed: SignedIn, status: int = 200) -> web.Response:
    user = await user_view(signed.user, call.services.orders.catalogue)
    grant = GrantView(access_token=signed.access_token, expires_in=signed.access_expires_in, user=user)
    headers = {
        "Set-Cookie": _cookie_header(call, signed.refresh_token, signed.refresh_expires_in),
        "Cache-Control": "no-store",
    }
    return web.Response(status=status, text=grant.model_dump_json(), content_type="application/json", headers=headers)


def _cookie(call: Call[Any, Any]) -> str | None:
    return call.request.cookies.get(COOKIE) or None


def _cookie_header(call: Call[Any, Any], value: str, max_age: int) -> str:
    """RFC 6265bis. `Secure` wherever the page is reached by TLS; plain http is for one's own machine."""
    secure = call.services.settings.origin.startswith("https://") or call.request.secure
    return f"{COOKIE}={value}; Path={PATH}; Max-Age={max_age}; HttpOnly; SameSite=Strict" + "; Secure" * secure


def _address(call: Call[Any, Any]) -> str:
    return call.services.frontier.address(call.request.remote, call.request.headers)


def _locale(call: Call[Any, Any]) -> str:
    """The language of a guest's name: English for browsers that ask for it first, else Chinese."""
    return "en" if call.request.headers.get("Accept-Language", "").lower().startswith("en") else "zh"
