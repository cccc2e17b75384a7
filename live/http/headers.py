"""Headers that every answer carries."""

import re
from collections.abc import MutableMapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Origins of others that pages may load scripts and pictures from, show frames of, and call: none without need."""

    scripts: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


NOWHERE = Elsewhere()


def content_security_policy(host: str, elsewhere: Elsewhere = NOWHERE) -> str:
    """Nothing inline, and only from `elsewhere` what is not ours. `host` is named for sockets: not every browser counts
    them as 'self'."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    scripts, calls = (" ".join(["'self'", *origins]) for origins in (elsewhere.scripts, elsewhere.calls))
    pictures = " ".join(["'self' data: blob:", *elsewhere.pictures])
    frames = f"frame-src 'self' {' '.join(elsewhere.frames)}; " if elsewhere.frames else ""
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self'; img-src {pictures}; "
        f"media-src 'self' blob:; font-src 'self'; connect-src {calls}{sockets}; {frames}worker-src 'self'; "
        "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def secure(headers: MutableMapping[str, str], host: str, *, https: bool, elsewhere: Elsewhere = NOWHERE) -> None:
    """Add what is missing. `https`: people come by a certificate that browsers trust, so they may insist on it."""
    for name, value in FIXED.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", content_security_policy(host, elsewhere))
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
