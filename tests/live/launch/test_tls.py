"""The certificate that is made on first run."""

import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from live.launch import tls
from live.launch.errors import SettingsError
from live.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a setting; nothing is bound here


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_it_is_good_for_every_address_of_this_machine(tmp_path: Path) -> None:
    cert, key = tls.certificate(Settings(data=tmp_path, host=EVERYWHERE))
    made = load(cert)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = set(map(str, names.get_values_for_type(x509.IPAddress)))
    assert {"127.0.0.1", "::1", *tls.local_addresses()} <= addresses
    assert {"localhost", socket.gethostname()} <= set(names.get_values_for_type(x509.DNSName))
    assert made.not_valid_after_utc - made.not_valid_before_utc <= timedelta(days=398), "browsers refuse longer ones"
    assert made.not_valid_before_utc < datetime.now(UTC)
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_it_is_kept_while_it_fits_and_made_anew_when_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path, tls="on")
    cert, _ = tls.certificate(settings)
    first = load(cert).serial_number
    tls.certificate(settings)
    assert load(cert).serial_number == first

    tls.certificate(Settings(data=tmp_path, tls="on", host="10.9.8.7"))
    moved = load(cert).serial_number
    assert moved != first, "an address was new"

    monkeypatch.setattr(tls, "LIFE", timedelta(days=29))
    tls.certificate(Settings(data=tmp_path, tls="on", host="10.9.8.8"))
    soon_over = load(cert).serial_number
    tls.certificate(Settings(data=tmp_path, tls="on", host="10.9.8.8"))
    assert load(cert).serial_number != soon_over, "it was about to expire"

    cert.write_text("garbage")
    tls.certificate(settings)
    assert load(cert).serial_number


def test_a_client_that_trusts_it_may_connect_by_name_and_by_address(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, tls="on")
    server = tls.server_context(settings)
    assert server is not None
    client = ssl.create_default_context(cafile=str(tls.certificate(settings)[0]))
    for name in ("localhost", "127.0.0.1"):
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        ours = client.wrap_bio(to_client, to_server, server_hostname=name)
        theirs = server.wrap_bio(to_server, to_client, server_side=True)
        for side in (ours, theirs, ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
        assert ours.version() == "TLSv1.3"


def test_without_tls_there_is_no_certificate(tmp_path: Path) -> None:
    assert tls.server_context(Settings(data=tmp_path)) is None
    assert not (tmp_path / "tls").exists()


def test_a_given_certificate_that_is_unusable_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not one")
    with pytest.raises(SettingsError, match=r"broken\.pem"):
        tls.server_context(Settings(data=tmp_path, tls="on", tls_cert=broken, tls_key=broken))
