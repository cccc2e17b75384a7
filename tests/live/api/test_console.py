"""The console over HTTP, with the effects of what it does."""

import json
from typing import Any

import pytest

from live.console.feed import ConsoleFeed
from live.http.access import Role
from live.shows.model import Show, Status
from moderation.model import ReportReason
from tests.live.api.conftest import PASSWORD, Front


@pytest.fixture
async def operator(front: Front) -> str:
    return await front.token("olivia", Role.OPERATOR)


@pytest.fixture
async def show(front: Front) -> Show:
    return await front.show(await front.person("anna", Role.ASSOCIATE, "sto_1"))


async def viewer(front: Front) -> tuple[str, str]:
    grant = await front.ask("POST", "/api/session/guest")
    return grant.body["user"]["id"], grant.token


async def say(front: Front, token: str, show: Show, text: str) -> str:
    principal = front.services.accounts.authenticate(token)
    return (await front.services.chat.say(principal, show.id, text)).message_id


async def published(front: Front, topic: str, kind: str) -> list[dict[str, Any]]:
    frames = [json.loads(event.frame) for event in await front.services.topics.between(topic, 0)]
    return [frame["data"] for frame in frames if frame["kind"] == kind]


async def test_a_report_is_seen_decided_and_logged(front: Front, operator: str, show: Show) -> None:
    user_id, token = await viewer(front)
    _, reporter = await viewer(front)
    message = await say(front, token, show, "you fool")
    body = {"message_id": message, "reason": "abuse", "text": "rude"}
    filed = await front.ask("POST", f"/api/shows/{show.id}/reports", reporter, json=body)
    assert filed.status == 201
    assert (await front.ask("POST", f"/api/shows/{show.id}/reports", reporter, json=body)).body == filed.body
    (report,) = (await front.ask("GET", "/api/console/reports", operator)).body["items"]
    assert await published(front, "console", "report") == [{"report": report}]
    assert (report["id"], report["show_title"], report["state"]) == (filed.body["id"], "Morning bread", "open")
    assert (report["subject"]["user_id"], report["subject"]["excerpt"]) == (user_id, "you fool")
    assert report["subject"]["user_name"]
    (row,) = (await front.ask("GET", "/api/console/shows", operator)).body["items"]
    assert (row["id"], row["open_reports"], row["flags"], row["warned_at"]) == (show.id, 1, [], None)

    resolve = f"/api/console/reports/{report['id']}/resolve"
    done = await front.ask("POST", resolve, operator, json={"outcome": "upheld", "note": "seen"})
    assert (done.status, done.body["state"], done.body["outcome"]) == (200, "resolved", "upheld")
    twice = await front.ask("POST", resolve, operator, json={"outcome": "dismissed"})
    assert (twice.status, twice.body["code"]) == (409, "report_resolved")
    assert (await front.ask("GET", "/api/console/reports", operator)).body == {"items": [], "next": None}
    assert len((await front.ask("GET", "/api/console/reports?state=all", operator)).body["items"]) == 1
    (line,) = (await front.ask("GET", "/api/console/audit", operator)).body["items"]
    assert (line["actor"]["name"], line["action"], line["why"]) == ("Olivia", "report.resolve", "seen")


async def test_a_mute_silences_until_it_is_lifted(front: Front, operator: str, show: Show) -> None:
    user_id, token = await viewer(front)
    body = {"user_id": user_id, "show_id": show.id, "kind": "mute", "minutes": 10, "reason": "rude"}
    made = await front.ask("POST", "/api/console/sanctions", operator, json=body)
    assert made.status == 201
    assert (made.body["kind"], made.body["by"]["name"], made.body["lifted_at"]) == ("mute", "Olivia", None)
    with pytest.raises(Exception, match="until"):
        await say(front, token, show, "hello")
    await front.effects()
    (told,) = await published(front, f"me:{user_id}", "sanction")
    assert (told["kind"], told["show_id"]) == ("mute", show.id)
    listed = (await front.ask("GET", "/api/console/sanctions?active=true", operator)).body["items"]
    assert [one["id"] for one in listed] == [made.body["id"]]
    path = f"/api/console/sanctions/{made.body['id']}"
    assert (await front.ask("DELETE", path, operator, json={})).body["field"] == "reason"
    assert (await front.ask("DELETE", path, operator, json={"reason": "calm now"})).status == 204
    assert (await front.ask("DELETE", path, operator, json={"reason": "again"})).body["code"] == "sanction_lifted"
    assert await say(front, token, show, "hello")
    assert (await front.ask("GET", "/api/console/sanctions", operator)).body["items"] == []
    assert len((await front.ask("GET", "/api/console/sanctions?active=false", operator)).body["items"]) == 1


async def test_whom_an_operator_may_not_touch(front: Front, operator: str, show: Show) -> None:
    admin = await front.token("ada", Role.ADMIN)
    other = await front.person("oscar", Role.OPERATOR)
    body = {"user_id": other.id, "kind": "ban", "reason": "feud"}
    refused = await front.ask("POST", "/api/console/sanctions", operator, json=body)
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    assert (await front.ask("POST", "/api/console/sanctions", admin, json=body)).status == 201
    for change, status, code in (
        ({"user_id": "usr_0"}, 404, "user_unknown"),
        ({"show_id": "shw_0"}, 404, "show_unknown"),
        ({"minutes": 0}, 422, "invalid_body"),
        ({"kind": "beat"}, 422, "invalid_body"),
        ({"reason": " "}, 422, "invalid_body"),
    ):
        answer = await front.ask("POST", "/api/console/sanctions", admin, json={**body, **change})
        assert (answer.status, answer.body["code"]) == (status, code)


async def test_a_warning_and_a_cut(front: Front, operator: str, show: Show) -> None:
    assert (await front.ask("POST", f"/api/shows/{show.id}/warn", operator, json={"text": "No prices."})).status == 204
    await front.effects()
    (warning,) = await published(front, f"me:{show.associate_id}", "warning")
    assert warning["text"] == "No prices."
    (row,) = (await front.ask("GET", "/api/console/shows", operator)).body["items"]
    assert row["warned_at"] is not None
    cut = await front.ask("POST", f"/api/shows/{show.id}/cut", operator, json={"reason": "sells fakes"})
    assert (cut.status, cut.body["status"], cut.body["end_reason"]) == (200, "ended", "cut")
    await front.effects()
    assert (await front.services.shows.show(show.id)).status is Status.ENDED
    assert (await front.ask("GET", "/api/console/shows", operator)).body["items"] == []
    log = (await front.ask("GET", "/api/console/audit", operator)).body["items"]
    assert [(line["action"], line["why"]) for line in log] == [
        ("show.cut", "sells fakes"),
        ("show.warn", "No prices."),
    ]
    unknown = await front.ask("POST", "/api/shows/shw_0/cut", operator, json={"reason": "x"})
    assert (unknown.status, unknown.body["code"]) == (404, "show_unknown")


async def test_rules_hold_messages_that_an_operator_shows_or_drops(front: Front, operator: str, show: Show) -> None:
    rule = {"pattern": "refund", "action": "hold", "category": "fraud", "note": "complaints"}
    made = await front.ask("POST", "/api/console/rules", operator, json=rule)
    assert made.status == 201
    assert (await front.ask("POST", "/api/console/rules", operator, json=rule)).body["code"] == "rule_exists"
    assert [one["pattern"] for one in (await front.ask("GET", "/api/console/rules", operator)).body["items"]] == [
        "refund"
    ]
    _, token = await viewer(front)
    shown, dropped = await say(front, token, show, "r e f u n d?"), await say(front, token, show, "REFUND now")
    held = (await front.ask("GET", "/api/console/held", operator)).body["items"]
    assert [(one["id"], one["text"], one["matches"]) for one in held] == [
        (shown, "r e f u n d?", ["refund"]),
        (dropped, "REFUND now", ["refund"]),
    ]
    assert [data["message"] for data in await published(front, "console", "held")] == [
        {**one, "at": at["message"]["at"]}
        for one, at in zip(held, await published(front, "console", "held"), strict=True)
    ]
    (row,) = (await front.ask("GET", "/api/console/shows", operator)).body["items"]
    assert row["flags"] == ["refund"]
    assert (await front.ask("POST", f"/api/console/held/{shown}", operator, json={"release": True})).status == 204
    assert (await front.ask("POST", f"/api/console/held/{dropped}", operator, json={"release": False})).status == 204
    again = await front.ask("POST", f"/api/console/held/{dropped}", operator, json={"release": True})
    assert (again.status, again.body["code"]) == (404, "message_unknown")
    assert [message.id for message in await front.services.chat.recent(show.id)] == [shown]
    actions = [line["action"] for line in (await front.ask("GET", "/api/console/audit", operator)).body["items"]]
    assert actions == ["message.refuse", "message.release", "rule.add"]
    assert (await front.ask("DELETE", f"/api/console/rules/{made.body['id']}", operator)).status == 204
    assert (await front.ask("DELETE", f"/api/console/rules/{made.body['id']}", operator)).status == 404
    third = await say(front, token, show, "refund please")
    assert third in [message.id for message in await front.services.chat.recent(show.id)]


async def test_pages_of_the_log(front: Front, operator: str) -> None:
    for n in range(5):
        await front.services.moderation.audit.append("system", "test", f"sub_{n}", "")
    first = (await front.ask("GET", "/api/console/audit?limit=3", operator)).body
    second = (await front.ask("GET", f"/api/console/audit?limit=3&before={first['next']}", operator)).body
    assert [line["subject"] for line in first["items"] + second["items"]] == [f"sub_{n}" for n in (4, 3, 2, 1, 0)]
    assert second["next"] is None
    assert first["items"][0]["actor"] == {"id": "system", "name": "system"}
    bad = await front.ask("GET", "/api/console/audit?before=x", operator)
    assert (bad.status, bad.body["code"]) == (422, "invalid_query")


async def test_open_consoles_see_figures_change(front: Front, operator: str, show: Show) -> None:
    feed, other = ConsoleFeed(front.services), ConsoleFeed(front.services)
    assert await feed.tell() == 1
    assert await feed.tell() == 0
    _, token = await viewer(front)
    await front.services.moderation.reports.file("usr_1", show.id, None, None, ReportReason.ABUSE)
    assert await feed.tell() == 1
    assert await other.tell() in {0, 1}
    rows = [data["show"] for data in await published(front, "console", "show")]
    assert [row["open_reports"] for row in rows][:2] == [0, 1]
    assert token


async def test_the_console_is_for_operators(front: Front, show: Show) -> None:
    for role in Role:
        if role in (Role.GUEST, Role.OPERATOR, Role.ADMIN):
            continue
        await front.person(f"a-{role}", role, "sto_1")
        token = (await front.services.accounts.sign_in(f"a-{role}", PASSWORD, "test")).access_token
        for method, path in (
            ("GET", "/api/console/shows"),
            ("GET", "/api/console/audit"),
            ("POST", f"/api/shows/{show.id}/cut"),
            ("POST", "/api/console/sanctions"),
        ):
            answer = await front.ask(method, path, token, json=None if method == "GET" else {})
            assert (answer.status, answer.body["code"]) == (403, "forbidden")
