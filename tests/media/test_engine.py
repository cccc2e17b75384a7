"""Every private name that media/engine.py uses: an upgrade of aiortc or pylibsrtp that moves one fails here."""

import ast
import inspect
from pathlib import Path

import pylibsrtp
from aiortc import RTCCertificate, rtcdtlstransport
from aiortc.rtcdtlstransport import RTCDtlsTransport
from pylibsrtp import _binding

import media
from media import engine


def test_aiortcs_transport_has_what_we_touch() -> None:
    sent: list[bytes] = []
    pipe = engine.DatagramPipe(sent.append)
    transport = RTCDtlsTransport(pipe, [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    for name in ("_set_role", "_srtp_profiles", "_ssl", "_rx_srtp", "_tx_srtp", "_role"):
        assert hasattr(transport, name), name
    source = inspect.getsource(RTCDtlsTransport)
    for used in ("self.transport._recv()", "self.transport._send(", "self._srtp_profiles", "_create_ssl_context("):
        assert used in source, used
    assert list(inspect.signature(RTCCertificate._create_ssl_context).parameters) == ["self", "srtp_profiles"]


def test_pylibsrtps_sessions_and_functions_are_where_we_take_them() -> None:
    session = pylibsrtp.Session()
    assert _binding.ffi.typeof(session._srtp[0]).kind == "pointer"
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        assert callable(getattr(_binding.lib, name)), name


def test_repeats_may_be_protected_again() -> None:
    """A NACK is answered with the same sequence number: aiortc must go on allowing that."""
    assert "tx_policy.allow_repeat_tx = True" in inspect.getsource(RTCDtlsTransport._setup_srtp)


def test_gcm_128_is_offered_first() -> None:
    assert engine.PROFILES[0] is rtcdtlstransport.SRTP_AEAD_AES_128_GCM


def test_one_openssl_context_serves_all() -> None:
    certificate = engine.Certificate.generateCertificate()
    first = certificate._create_ssl_context(engine.PROFILES)
    assert certificate._create_ssl_context(engine.PROFILES) is first
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
