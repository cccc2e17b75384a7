"""STUN as ICE peers speak it: aioice writes the requests and reads our answers."""

import hmac

import pytest
from aioice import stun as theirs
from hypothesis import given
from hypothesis import strategies as st

from media import stun
from media.addresses import PeerAddress
from media.errors import MalformedPacketError
from media.ice import SETTLED, STALE, IceLite

PASSWORD = "p" * 24


def request(username: str = "local:remote", password: str = PASSWORD, *, nominate: bool = False) -> bytes:
    message = theirs.Message(message_method=theirs.Method.BINDING, message_class=theirs.Class.REQUEST)
    message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 7
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


def peer(port: int, host: str = "192.0.2.7") -> PeerAddress:
    return PeerAddress(port.to_bytes(4, "big"), host, port)


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"])
def test_a_request_is_answered_so_that_aioice_reads_it(host: str) -> None:
    parsed = stun.parse_binding_request(request(nominate=True))
    assert parsed.local_fragment == "local"
    assert parsed.nominates
    assert stun.integrity_holds(parsed, PASSWORD.encode())
    answer = theirs.parse_message(stun.binding_success(parsed, PASSWORD.encode(), host, 4711))
    assert answer.check_message_integrity(PASSWORD.encode())
    assert answer.message_class == theirs.Class.RESPONSE
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == (host.removeprefix("::ffff:"), 4711)


def test_a_controlled_peer_is_told_of_the_conflict() -> None:
    parsed = stun.parse_binding_request(request())
    answer = theirs.parse_message(stun.role_conflict(parsed, PASSWORD.encode()))
    assert answer.check_message_integrity(PASSWORD.encode())
    assert answer.message_class == theirs.Class.ERROR
    assert answer.attributes["ERROR-CODE"][0] == 487


def test_a_wrong_password_is_seen() -> None:
    parsed = stun.parse_binding_request(request(password="x" * 24))
    assert not stun.integrity_holds(parsed, PASSWORD.encode())


@given(st.binary(max_size=300))
def test_noise_is_refused_by_our_own_error(noise: bytes) -> None:
    with pytest.raises(MalformedPacketError):
        stun.parse_binding_request(noise)


@given(st.integers(0, 2000), st.integers(0, 255), st.integers(0, 90))
def test_a_damaged_request_never_passes_for_whole(at: int, value: int, cut: int) -> None:
    whole = request()
    damaged = bytearray(whole)
    at %= len(whole)
    damaged[at] = value
    candidate = bytes(damaged[: len(whole) - cut])
    try:
        parsed = stun.parse_binding_request(candidate)
    except MalformedPacketError:
        return
    # only the fingerprint behind the integrity may differ, and it is not relied on
    if candidate[: parsed.integrity_at + 24] != whole[: parsed.integrity_at + 24]:
        assert not stun.integrity_holds(parsed, PASSWORD.encode())


def _check(ice: IceLite, address: PeerAddress, now: float, *, nominate: bool = False) -> bool | None:
    own = ice.current
    sent = request(f"{own.fragment}:x", own.password, nominate=nominate)
    checked = ice.check(stun.parse_binding_request(sent), address, now)
    return None if checked is None else checked.moved


def test_the_first_address_counts_until_another_is_nominated() -> None:
    ice = IceLite(0.0)
    assert _check(ice, peer(1), 0.1) is True
    assert _check(ice, peer(2), 0.2) is False
    assert _check(ice, peer(2), 0.3, nominate=True) is True
    assert ice.selected == peer(2)


def test_a_peer_that_moved_without_saying_is_followed() -> None:
    ice = IceLite(0.0)
    _check(ice, peer(1), 0.0, nominate=True)
    assert _check(ice, peer(2), SETTLED - 0.1) is False  # ICE may still be looking for its path
    assert _check(ice, peer(2), STALE + 1) is True


def test_once_settled_a_peer_at_a_new_address_is_followed_at_once() -> None:
    ice = IceLite(0.0)
    _check(ice, peer(1), 0.0, nominate=True)
    _check(ice, peer(2), 0.1)
    ice.hear(peer(1).name, SETTLED + 0.4)
    assert _check(ice, peer(2), SETTLED + 0.5) is False  # known from the beginning, and the chosen one is alive
    assert _check(ice, peer(3), SETTLED + 0.6) is True
    assert _check(ice, peer(1), SETTLED + 0.7) is False
    assert ice.selected == peer(3)


def test_media_from_the_chosen_address_is_a_sign_of_life() -> None:
    ice = IceLite(0.0)
    _check(ice, peer(1), 0.0, nominate=True)
    _check(ice, peer(2), 0.1)
    ice.hear(peer(1).name, 5.0)
    assert ice.heard == 5.0
    assert _check(ice, peer(2), 5.0 + STALE - 0.1) is False
    assert _check(ice, peer(2), 5.0 + STALE + 0.1) is True


def test_a_second_restart_ends_the_first_and_not_the_session() -> None:
    ice = IceLite(0.0)
    used = ice.current
    assert ice.restart() is None
    unused = ice.current
    assert ice.restart() == unused.fragment
    assert set(ice.fragments()) == {used.fragment, ice.current.fragment}


def test_after_a_restart_the_old_credentials_end_with_the_first_use_of_the_new() -> None:
    ice = IceLite(0.0)
    old = ice.current
    ice.restart()
    new = ice.current
    assert set(ice.fragments()) == {old.fragment, new.fragment}
    sent = stun.parse_binding_request(request(f"{old.fragment}:x", old.password))
    assert ice.check(sent, peer(1), 1.0) is not None
    assert _check(ice, peer(1), 2.0, nominate=True) is not None
    assert ice.check(sent, peer(1), 3.0) is None


def test_addresses_are_bounded_and_the_chosen_one_stays() -> None:
    ice = IceLite(0.0)
    _check(ice, peer(1), 0.0, nominate=True)
    for port in range(2, 100):
        _check(ice, peer(port), 0.0)
    assert len(ice.known) <= 8
    assert peer(1).name in ice.known


@given(st.binary(max_size=200), st.lists(st.binary(max_size=200), min_size=1, max_size=3))
def test_a_key_seals_as_hmac_does(password: bytes, messages: list[bytes]) -> None:
    key = stun.Key(password)
    assert [key.digest(message) for message in messages] == [hmac.digest(password, each, "sha1") for each in messages]
