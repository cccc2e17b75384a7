"""The API does what its own description says, asked by schemathesis with input made from it, and real sign-ins."""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, CheckContext, CheckFunction, GenerationMode, Response
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

from live.http.access import Role
from live.http.route import Nothing, Route
from live.server import all_routes
from tests.house import House
from tests.integration.test_access_matrix import NAMES, ROUTES, things

pytestmark = [
    pytest.mark.timeout(300),
    # The server draws numbers in this process while Hypothesis makes a case: not the case's doing.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
]

#: Requests of each kind (good input, bad input) an operation.
CASES: Final = 2
#: Who asks, where several may: who may most.
ORDER: Final = (Role.ADMIN, Role.OPERATOR, Role.ASSOCIATE, Role.STAFF, Role.COURIER, Role.MEMBER, Role.GUEST)
#: Refusals that any route may give beside those it names: `Route.codes`.
ANYWHERE: Final = {
    *("token_missing", "token_invalid", "token_expired", "forbidden", "origin_refused", "rate_limited", "overloaded"),
    *("invalid_body", "invalid_query", "invalid_header", "too_large", "unsupported_media_type", "method_not_allowed"),
    *("idempotency_key_missing", "idempotency_key_invalid", "not_found"),
}
#: No media node runs here: what is passed on to one, and what says whether all is there, says so.
WITHOUT_NODE: Final = {"no_media_node", "unavailable"}
#: Rules that JSON Schema cannot say (a card that has expired, a price below the product's) refuse what fits the schema:
#: `refusals_are_named` looks at these answers instead.
LEFT_OUT: Final[list[CheckFunction]] = [checks.positive_data_acceptance, schemathesis.checks.not_a_server_error]


async def test_the_api_is_as_it_describes_itself(house: House) -> None:
    names = {**NAMES, **await things(house)}
    described = await house.nobody.ask("GET", "/openapi.json")
    schema = schemathesis.openapi.from_dict(described.body)
    faults: list[str] = []
    for route in ROUTES:
        login = caller(route)
        token = (await house.sign_in(login)).token if login else None
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        operation = schema[re.sub(r"{(\w+):[^}]*}", r"{\1}", route.path)][route.method]
        for mode in GenerationMode:
            faults += await asyncio.to_thread(exercise, route, operation, mode, house.url, headers, names)
    assert not faults, "\n\n".join(faults)


def caller(route: Route) -> str:
    """The login that may use the route; "" for one that nobody need sign in for."""
    if route.access.anonymous:
        return ""
    return next(role.value for role in ORDER if role.value in route.access.roles)


def exercise(
    route: Route,
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    url: str,
    headers: Mapping[str, str],
    names: Mapping[str, str],
) -> list[str]:
    """What the operation did that its description does not allow."""
    # Unknown parameters of a query are passed over on purpose, since pages add cache keys.
    left_out = LEFT_OUT if route.query is Nothing else [*LEFT_OUT, checks.negative_data_rejection]
    faults: dict[str, str] = {}

    def refusals_are_named(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        code = response.json().get("code") if response.status_code >= 400 else None
        allowed = WITHOUT_NODE if response.status_code >= 500 else {*ANYWHERE, *route.codes}
        if response.status_code >= 400 and code not in allowed:
            raise Failure(operation=operation.label, message=f"{response.status_code} {code} is not described")

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def ask(case: Case[Any]) -> None:
        case.path_parameters = {name: names.get(name, value) for name, value in case.path_parameters.items()}
        try:
            case.call_and_validate(
                base_url=url,
                headers=dict(headers),
                timeout=10,
                additional_checks=[refusals_are_named],
                excluded_checks=left_out,
            )
        except FailureGroup as group:
            for fault in group.exceptions:
                faults.setdefault(f"{operation.label}, {mode.value} input: {type(fault).__name__}", str(group))

    with contextlib.suppress(Unsatisfiable):  # an operation without input has no bad input
        ask()
    return [f"{where}\n{what}" for where, what in faults.items()]


def test_every_route_is_described() -> None:
    assert {(route.method, route.path) for route in ROUTES} == {(route.method, route.path) for route in all_routes()}
