"""TLS: the certificate that is given, or one made on first run for every address of this machine.

Nobody vouches for the latter: a phone asks once whether to go on. It is what makes a camera work on a local network,
since getUserMedia needs a secure context.
"""

import ipaddress
import os
import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import ifaddr

from live.launch.errors import SettingsError
from live.settings import Settings

LIFE: Final = timedelta(days=397)  # the most that browsers take from anybody
RENEW_BEFORE: Final = timedelta(days=30)


def server_context(settings: Settings) -> ssl.SSLContext | None:
    """What the web server listens with; None without TLS. Makes the certificate if need be.

    Raises:
        SettingsError: the given certificate or key is unusable.
    """
    if not settings.uses_tls:
        return None
    cert, key = certificate(settings)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError([f"NEARLIVE_TLS_CERT, NEARLIVE_TLS_KEY: {error} ({cert}, {key})"]) from None
    return context


def certificate(settings: Settings) -> tuple[Path, Path]:
    """Files of the certificate and its key: those of the settings, or our own, renewed when it no longer fits."""
    if settings.tls_cert and settings.tls_key:
        return settings.tls_cert, settings.tls_key
    folder = settings.data / "tls"
    cert, key = folder / "cert.pem", folder / "key.pem"
    names = sorted({"localhost", socket.gethostname()})
    addresses = sorted({"127.0.0.1", "::1", *local_addresses(), *_address(settings.host)})
    if not (key.exists() and _still_fits(cert, {*names, *addresses})):
        folder.mkdir(parents=True, exist_ok=True)
        _make(cert, key, names, addresses)
    return cert, key


def local_addresses() -> list[str]:
    """This machine's addresses on its networks, IPv4 first; without loopback and link-local ones."""
    found = [
        ipaddress.ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    usable = {ip for ip in found if not (ip.is_loopback or ip.is_link_local)}
    return [str(ip) for ip in sorted(usable, key=lambda ip: (ip.version, ip.packed))]


def _address(host: str) -> Iterable[str]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ()
    return () if address.is_unspecified else (str(address),)


def _still_fits(cert: Path, wanted: set[str]) -> bool:
    from cryptography import x509  # noqa: PLC0415 - 60 ms that a start without TLS does not need

    try:
        found = x509.load_pem_x509_certificate(cert.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    has = {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}
    return wanted <= has and found.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE


def _make(cert: Path, key: Path, names: Iterable[str], addresses: Iterable[str]) -> None:
    from cryptography import x509  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - as above

    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nearlive on this machine")])
    now = datetime.now(UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # a phone's clock may be behind
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    _write(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        0o600,
    )
    _write(cert, signed.public_bytes(serialization.Encoding.PEM), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    draft.replace(path)
