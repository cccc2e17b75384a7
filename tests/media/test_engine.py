"""Every private name that media/engine.py uses: an upgrade of aiortc or pylibsrtp that moves one fails here."""

import ast
import inspect
from pathlib import Path

import numpy as np
import pylibsrtp
import pytest
from aiortc import RTCCertificate, rtcdtlstransport
from aiortc.rtcdtlstransport import SRTPProtectionProfile
from pylibsrtp import _binding

import media
from media import engine
from media.ring import REORDER


def test_aiortcs_certificate_has_what_we_touch() -> None:
    assert list(inspect.signature(RTCCertificate._create_ssl_context).parameters) == ["self", "srtp_profiles"]
    for profile in engine.PROFILES:
        material = bytes(range(2 * (profile.key_length + profile.salt_length)))
        halves = [profile.get_key_and_salt(material, half) for half in (0, 1)]
        assert [len(each) for each in halves] == [profile.key_length + profile.salt_length] * 2


def test_pylibsrtps_policies_and_functions_are_where_we_take_them() -> None:
    assert _binding.ffi.typeof(pylibsrtp.Policy()._policy).cname.endswith("srtp_policy_t *")
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        assert callable(getattr(_binding.lib, name)), name
    for name in ("srtp_create", "srtp_dealloc"):
        assert callable(getattr(_binding.lib, name)), name


def test_gcm_128_is_offered_first() -> None:
    assert engine.PROFILES[0] is rtcdtlstransport.SRTP_AEAD_AES_128_GCM


@pytest.mark.parametrize("profile", engine.PROFILES)
def test_what_the_ring_takes_late_may_be_sent_and_repeated(profile: SRTPProtectionProfile) -> None:
    key = bytes(profile.key_length + profile.salt_length)
    session = engine._srtp(profile, key, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, engine.REPEATED)
    buffer, length = np.zeros(100, np.uint8), engine.IntArray(1)
    (pointer,) = engine.pointers_into(buffer, [0])

    def protect(sequence: int) -> bytes:
        buffer[:], length.values[0] = 0, 40
        buffer[:4] = 0x80, 96, sequence >> 8, sequence & 255
        assert not engine.protect(session[0], pointer, length.pointers[0])
        return buffer[: length.values[0]].tobytes()

    first = {sequence: protect(sequence) for sequence in range(1000, 3000) if sequence % 5}
    late = 2999 - REORDER
    assert protect(late) == first[late]
    assert protect(late // 5 * 5 + 5)  # one that was never sent before


def test_one_openssl_context_serves_all() -> None:
    certificate = engine.Certificate.generateCertificate()
    assert certificate.context is certificate.context
    assert len(certificate.fingerprint.split(":")) == 32


def test_no_other_module_of_media_touches_private_parts_of_them() -> None:
    for path in Path(media.__file__).parent.glob("*.py"):
        if path.name == "engine.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.split(".")[0] != "pylibsrtp", path
                if node.module.split(".")[0] in {"aiortc", "aioice"}:
                    assert not any(alias.name.startswith("_") for alias in node.names), path
            if isinstance(node, ast.Import):
                assert not any(alias.name.split(".")[0] in {"pylibsrtp", "aiortc"} for alias in node.names), path
