"""Who is calling, and who may.

Every HTTP route and every socket message carries an `Access`; there is no default, so a route without one cannot be
written. `tests/integration/test_access_matrix.py` walks all of them with every role.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a signed-in principal is. One principal has exactly one role."""

    GUEST = "guest"
    MEMBER = "member"
    ASSOCIATE = "associate"
    STAFF = "staff"
    COURIER = "courier"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller, as its access token says.

    `store_id` is the store an associate or a member of staff works in, else None.
    `family` is the refresh family the token came from: sign-out ends the family.
    """

    user_id: str
    role: Role
    name: str
    store_id: str | None
    family: str


@dataclass(frozen=True, slots=True)
class Access:
    """A rule: which roles may call, whether a caller without a token may, and what more the handler checks.

    `note` says in words what else must hold ("own order"): it is printed in the protocol page and the OpenAPI text.
    """

    roles: frozenset[Role]
    anonymous: bool = False
    note: str = ""

    def admits(self, principal: Principal | None) -> bool:
        """Whether the rule lets this caller through (None: no token was sent)."""
        if principal is None:
            return self.anonymous
        return self.anonymous or principal.role in self.roles

    def describe(self) -> str:
        """The rule in words: "anyone", "signed in", or the roles in the order of `Role`."""
        if self.anonymous:
            who = "anyone"
        elif self.roles == frozenset(Role):
            who = "signed in"
        else:
            who = ", ".join(role for role in Role if role in self.roles)
        return f"{who} ({self.note})" if self.note else who


def only(*roles: Role, note: str = "") -> Access:
    """Only these roles."""
    return Access(frozenset(roles), note=note)


def signed_in(note: str = "") -> Access:
    """Anybody with a valid access token, guests included."""
    return Access(frozenset(Role), note=note)


def anyone(note: str = "") -> Access:
    """Anybody, with or without a token."""
    return Access(frozenset(Role), anonymous=True, note=note)
