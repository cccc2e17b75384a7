"""Clients of WHIP and WHEP that speak HTTP and nothing else: what is sent and answered is seen as it is."""

import json
import re
from typing import Any

from multidict import CIMultiDictProxy

from media.node import Node
from tests.media.nodes import Served
from tests.media.offers import chromium

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
TRICKLE = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n"
RESTART = "a=ice-ufrag:efgh\r\na=ice-pwd:zyxwvutsrqponmlkjihgfedcba\r\n"


class Caller:
    """One client of one endpoint."""

    def __init__(self, served: Served, prefix: str) -> None:
        self.served = served
        self.prefix = prefix
        self.offer = chromium("sendonly" if prefix == "whip" else "recvonly")
        self.token = served.token("publish" if prefix == "whip" else "view")

    async def __call__(
        self, method: str, path: str, body: str | bytes = b"", kind: str | None = None, **headers: str
    ) -> tuple[int, CIMultiDictProxy[str], str]:
        sent = {"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if kind is not None:
            sent["Content-Type"] = kind
        data = body.encode() if isinstance(body, str) else body
        async with self.served.http.request(
            method, self.served.url + path, data=data, headers=sent, skip_auto_headers=["Content-Type"]
        ) as answer:
            return answer.status, answer.headers, await answer.text()

    @property
    def endpoint(self) -> str:
        return f"/{self.prefix}/demo"

    async def preflight(self, path: str, method: str) -> tuple[int, CIMultiDictProxy[str]]:
        """What a browser asks before it sends `method`: without a token."""
        headers = {
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,if-match",
        }
        async with self.served.http.options(self.served.url + path, headers=headers) as answer:
            return answer.status, answer.headers

    async def open(self) -> tuple[str, str]:
        """A session: its path and its ETag."""
        status, headers, body = await self("POST", f"/{self.prefix}/demo", self.offer, SDP)
        assert status == 201, body
        return headers["Location"], headers["ETag"]


def watchable(node: Node | None) -> None:
    """Put a show on the node as if a publisher had connected: signalling needs no media."""
    assert node is not None
    node.publish("demo", "host", chromium("sendonly"))
    show = node.shows["demo"]
    publisher = next(iter(show.candidates.values()))
    show.publisher_opened(publisher, node.loop.time())


def refusal(status: int, code: str, answer: tuple[int, CIMultiDictProxy[str], str]) -> dict[str, Any]:
    assert answer[0] == status, answer[2]
    assert answer[1]["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = json.loads(answer[2])
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"]
    return body


def lines(text: str, name: str) -> list[str]:
    """Values of an SDP attribute, in order."""
    return re.findall(rf"^a={name}(?::(.*?))?\r?$", text, re.MULTILINE)
