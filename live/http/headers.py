"""Headers that every answer carries."""

import re
from collections.abc import MutableMapping

_HOST = re.compile(r"[A-Za-z0-9.\-:\[\]]{1,255}")

FIXED = {
    "Server": "Nearlive",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), geolocation=(self), fullscreen=(self), picture-in-picture=(self), "
        "screen-wake-lock=(self), autoplay=(self), payment=(), usb=(), browsing-topics=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}


def content_security_policy(host: str) -> str:
    """Nothing inline, nothing from elsewhere. `host` is named for sockets: not every browser counts them as 'self'."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        f"font-src 'self'; connect-src 'self'{sockets}; worker-src 'self'; manifest-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def secure(headers: MutableMapping[str, str], host: str, *, https: bool) -> None:
    """Add what is missing. `https`: people come by a certificate that browsers trust, so they may insist on it."""
    for name, value in FIXED.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", content_security_policy(host))
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
