"""Captures: what is in the file, its bounds, who may, and that it is gone afterwards."""

import asyncio
import os
import signal
import stat
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import pcap, rtp, tokens
from media.answer import Format
from media.capture import KEPT, MOST, Captures
from media.errors import UnknownCaptureError
from media.pipes import BUFFER, PipeWriter
from media.rtcp import SenderReport, parse_compound
from media.status import CaptureOrder, CaptureStatus
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop, until
from tests.media.packets import rtp_packet
from tests.media.peers import Cast, Publishing, node_of, show_of

pytestmark = pytest.mark.real_time


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP datagram of a capture, read by other means than it was written."""

    at: float
    source: bytes
    target: bytes
    port: int
    payload: bytes


def words(data: bytes) -> int:
    """One's complement sum, word by word with end-around carry, as RFC 1071 shows it."""
    total = 0
    padded = data + b"\0" * (len(data) % 2)
    for (word,) in struct.iter_unpack("!H", padded):
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total


def datagrams(data: bytes) -> Iterator[Datagram]:
    """Every packet of a file; checks lengths and both checksums."""
    assert data[:4] == bytes.fromhex("d4c3b2a1")
    assert struct.unpack("<HHiIII", data[4:24]) == (2, 4, 0, 0, 65535, 101)
    at = 24
    while at < len(data):
        seconds, microseconds, kept, length = struct.unpack("<IIII", data[at : at + 16])
        packet = data[at + 16 : at + 16 + kept]
        at += 16 + kept
        assert kept == length == len(packet) == int.from_bytes(packet[2:4], "big")
        assert packet[0] == 0x45
        assert packet[9] == 17
        assert words(packet[:20]) == 0xFFFF
        udp = packet[20:]
        assert int.from_bytes(udp[4:6], "big") == len(udp)
        assert words(packet[12:20] + bytes((0, 17)) + udp[4:6] + udp) == 0xFFFF
        yield Datagram(
            seconds + microseconds / 1e6, packet[12:16], packet[16:20], int.from_bytes(udp[2:4], "big"), udp[8:]
        )


VIDEO = pcap.Flow(0, Format("video", "H264", 90_000, "42e01f"), "h")
AUDIO = pcap.Flow(1, Format("audio", "opus", 48_000), "")


@given(st.binary(max_size=1500), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.booleans())
def test_a_packet_is_what_it_was(payload: bytes, sequence: int, timestamp: int, marker: bool) -> None:
    packet = rtp_packet(sequence, timestamp, payload, marker=marker)
    (found,) = datagrams(pcap.file_header() + pcap.record(1_700_000_000.25, pcap.rtp(AUDIO, packet)))
    assert found.at == 1_700_000_000.25
    assert found.port == AUDIO.port == 5006
    assert found.payload[:2] == bytes((0x80, (0x80 if marker else 0) | AUDIO.payload_type))
    assert found.payload[2:8] == packet[2:8]
    assert found.payload[8:12] == AUDIO.ssrc.to_bytes(4, "big")
    assert found.payload[12:] == payload


@given(st.binary(max_size=64))
def test_the_checksum_is_that_of_the_standard(data: bytes) -> None:
    whole = data + b"\0" * (len(data) % 2)
    assert words(whole + pcap.checksum(data).to_bytes(2, "big")) == 0xFFFF


def test_the_announcement_describes_the_tracks() -> None:
    (found,) = datagrams(pcap.file_header() + pcap.record(0, pcap.announcement("Nearlive demo", [VIDEO, AUDIO])))
    assert (found.target, found.port) == (bytes((224, 2, 127, 254)), 9875)
    assert found.payload[0] == 0x20
    kind, description = found.payload[8:].split(b"\0", 1)
    assert kind == b"application/sdp"
    lines = description.decode().split("\r\n")
    assert "m=video 5004 RTP/AVP 96" in lines
    assert "a=rtpmap:96 H264/90000" in lines
    assert "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1" in lines
    assert "m=audio 5006 RTP/AVP 97" in lines
    assert "a=rtpmap:97 opus/48000/2" in lines


CAPTURE = "/node/shows/demo/capture"


async def ask(served: Served, method: str, path: str = CAPTURE, **more: Any) -> tuple[int, dict[str, Any]]:
    token = tokens.mint_control(SECRET, "tests", 60, KEY_ID)
    headers = {"Authorization": f"Bearer {token}"}
    async with served.http.request(method, served.url + path, headers=headers, **more) as answer:
        return answer.status, await answer.json() if answer.content_length else {}


async def download(served: Served) -> bytes:
    token = tokens.mint_control(SECRET, "tests", 60, KEY_ID)
    url, headers = f"{served.url}{CAPTURE}/pcap", {"Authorization": f"Bearer {token}"}
    async with served.http.get(url, headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/vnd.tcpdump.pcap"
        data = await answer.read()
        assert answer.content_length == len(data)
        return data


async def ready(served: Served) -> CaptureStatus:
    """Once it has ended."""
    node = node_of(served)
    await until(lambda: node.captures.of("demo", node.loop.time()).state == "ready", what="capture")
    return node.captures.of("demo", node.loop.time()).status(node.loop.time())


def sent_by(publisher: Publishing) -> list[bytes]:
    """From now on every RTP packet as it is before encryption."""
    transport: Any = publisher.connection.getSenders()[0].transport
    protect, sent = transport._send_rtp, []

    async def send(data: bytes) -> None:
        if not 191 < data[1] < 224:
            sent.append(data)
        await protect(data)

    transport._send_rtp = send
    return sent


def payload(packet: bytes) -> bytes:
    start, end = rtp.payload_span(memoryview(packet))
    return packet[start:end]


async def test_the_file_has_what_was_sent(served: Served, people: Cast) -> None:
    publisher = await people.publish(served)
    sent = sent_by(publisher)
    await until(lambda: "demo" in node_of(served).shows and len(sent) > 20, what="packets")
    status, begun = await ask(served, "POST", json={"seconds": 5})
    assert (status, begun["state"]) == (201, "running")
    await until(lambda: all(layer.clock for each in show_of(served).streams.values() for layer in each.layers))
    await until(lambda: node_of(served).captures.of("demo", 0).packets > 60, what="captured packets")
    assert (await ask(served, "POST", f"{CAPTURE}/stop"))[0] == 200
    figures = await ready(served)
    found = list(datagrams(await download(served)))
    assert figures.packets == len(found)
    assert figures.missed == 0
    assert abs(found[0].at - time.time()) < 30
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert found[0].port == pcap.SAP_PORT
    ports = {
        line.split()[0]: int(line.split()[1])
        for line in found[0].payload.decode(errors="replace").split("\r\n")
        if line.startswith("m=")
    }
    payloads = [payload(packet) for packet in sent]
    for kind in ("m=audio", "m=video"):
        packets = [each.payload for each in found if each.port == ports[kind]]
        assert len(packets) > 10
        numbers = [int.from_bytes(packet[2:4], "big") for packet in packets]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert {payload(packet) for packet in packets} <= set(payloads)
        places = [payloads.index(payload(packet)) for packet in packets if payloads.count(payload(packet)) == 1]
        assert places == sorted(places)
        reports = [
            message
            for each in found
            if each.port == ports[kind] + 1
            for message in parse_compound(each.payload)
            if isinstance(message, SenderReport)
        ]
        assert reports
        assert {packet[8:12] for packet in packets} == {reports[0].ssrc.to_bytes(4, "big")}


async def test_time_and_size_are_bounded(served: Served, people: Cast) -> None:
    await people.publish(served)
    await until(lambda: "demo" in node_of(served).shows and bool(show_of(served).streams), what="show")
    assert (await ask(served, "POST", json={"seconds": 1, "kind": "audio"}))[0] == 201
    figures = await ready(served)
    assert 0.9 <= figures.seconds <= 2.2
    found = list(datagrams(await download(served)))
    assert 0.5 < found[-1].at - found[0].at <= 1.05
    assert {each.port for each in found} <= {pcap.SAP_PORT, 5004, 5005}
    assert (await ask(served, "POST", json={"seconds": 120, "octets": 65536}))[0] == 201
    node = node_of(served)
    await until(lambda: node.captures.of("demo", node.loop.time()).state == "ready", 30, "full")
    data = await download(served)
    assert 65536 - 1600 < len(data) <= 65536
    assert list(datagrams(data))


async def test_a_stalled_disk_holds_up_nothing(tmp_path: Path) -> None:
    writer, record = PipeWriter(tmp_path / "file"), os.urandom(1200)
    os.kill(writer.sibling, signal.SIGSTOP)
    began, taken = time.monotonic(), 0
    while writer.write(record):
        taken += 1
    assert time.monotonic() - began < 2
    assert BUFFER <= taken * len(record) + 1200 <= BUFFER + (2 << 20)
    assert writer.step() is None
    os.kill(writer.sibling, signal.SIGCONT)
    writer.finish()
    await until(lambda: writer.step() is not None, what="end of the sibling")
    assert writer.step() == 0
    assert await asyncio.to_thread((tmp_path / "file").read_bytes) == record * taken


async def test_a_sibling_that_dies_is_told(served: Served, people: Cast) -> None:
    await people.publish(served)
    await until(lambda: "demo" in node_of(served).shows and bool(show_of(served).streams), what="show")
    await ask(served, "POST")
    node = node_of(served)
    os.kill(node.captures.of("demo", node.loop.time()).sibling, signal.SIGKILL)
    await until(lambda: node.captures.of("demo", node.loop.time()).state == "failed", what="failure")
    assert (await ask(served, "GET", f"{CAPTURE}/pcap"))[1]["code"] == "capture_failed"
    assert (await ask(served, "POST"))[0] == 201


async def test_files_are_private_and_do_not_stay(http: aiohttp.ClientSession, tmp_path: Path, people: Cast) -> None:
    folder = tmp_path / "captures"
    async with node_in_loop(http, folder=tmp_path) as served:
        await people.publish(served)
        node = node_of(served)
        await until(lambda: "demo" in node.shows and bool(show_of(served).streams), what="show")
        assert (await ask(served, "GET"))[1]["code"] == "unknown_capture"
        assert (await ask(served, "GET", f"{CAPTURE}/pcap"))[1]["code"] == "unknown_capture"
        await ask(served, "POST")
        (file,) = folder.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert (await ask(served, "POST"))[1]["code"] == "capture_running"
        assert (await ask(served, "GET", f"{CAPTURE}/pcap"))[1]["code"] == "capture_running"
        await ask(served, "POST", f"{CAPTURE}/stop")
        await ready(served)
        await download(served)
        await until(lambda: list(folder.iterdir()) == [], what="removal")
        assert (await ask(served, "GET"))[0] == 404

        await ask(served, "POST")
        assert (await ask(served, "DELETE"))[0] == 204
        assert (await ask(served, "DELETE"))[0] == 204
        assert list(folder.iterdir()) == []
        assert all(not layer.taps for stream in show_of(served).streams.values() for layer in stream.layers)

        await ask(served, "POST")
        await ask(served, "POST", f"{CAPTURE}/stop")
        await ready(served)
        node.captures.tick(node.shows, node.loop.time() + KEPT - 60)
        assert len(list(folder.iterdir())) == 1
        node.captures.tick(node.shows, node.loop.time() + KEPT + 60)
        assert list(folder.iterdir()) == []

        await ask(served, "POST")
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []


async def test_a_capture_ends_with_its_show(served: Served, people: Cast) -> None:
    await people.publish(served)
    node = node_of(served)
    await until(lambda: "demo" in node.shows and bool(show_of(served).streams), what="show")
    await ask(served, "POST", json={"seconds": 120})
    node.cut("demo")
    assert (await ready(served)).seconds < 10
    assert (await ask(served, "POST"))[0] == 404


async def test_a_node_keeps_few_captures(served: Served, people: Cast, tmp_path: Path) -> None:
    await people.publish(served)
    await until(lambda: "demo" in node_of(served).shows, what="show")
    captures, show = Captures(tmp_path), show_of(served)
    for number in range(MOST):
        show.name = f"show-{number}"
        captures.begin(show, CaptureOrder(), 0.0)
    show.name = "demo"
    node = node_of(served)
    node.captures, kept = captures, node.captures
    assert (await ask(served, "POST"))[1]["code"] == "too_many_captures"
    node.captures = kept
    captures.close(0.0)
    assert list((tmp_path / "captures").iterdir()) == []


async def test_what_a_dead_node_left_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    old, new = folder / "old.pcap", folder / "new.pcap"
    for file in (old, new):
        file.write_bytes(b"x")
    an_hour_ago = time.time() - KEPT - 60
    os.utime(old, (an_hour_ago, an_hour_ago))
    captures = Captures(tmp_path)
    captures.tick({}, 1000.0)
    assert list(folder.iterdir()) == [new]
    with pytest.raises(UnknownCaptureError):
        captures.of("demo", 0.0)


async def test_a_disk_that_cannot_be_written_is_told(http: aiohttp.ClientSession, tmp_path: Path, people: Cast) -> None:
    (tmp_path / "captures").write_text("in the way")
    async with node_in_loop(http, folder=tmp_path) as served:
        await people.publish(served)
        await until(lambda: "demo" in node_of(served).shows and bool(show_of(served).streams), what="show")
        status, body = await ask(served, "POST")
        assert (status, body["code"]) == (503, "capture_failed")


@pytest.mark.parametrize(
    "body",
    ['{"seconds": 0}', '{"seconds": 121}', '{"octets": 1}', '{"octets": 1e12}', '{"kind": "x"}', "[", '{"a": 1}'],
)
async def test_orders_are_checked(served: Served, body: str) -> None:
    status, answer = await ask(served, "POST", data=body)
    assert (status, answer["code"]) == (400, "bad_capture")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/pcap")]
)
async def test_only_servers_of_ours_capture(served: Served, method: str, path: str) -> None:
    for token, status in ((None, 401), (served.token("publish"), 403), (served.token("view"), 403)):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with served.http.request(method, served.url + CAPTURE + path, headers=headers) as answer:
            assert answer.status == status
