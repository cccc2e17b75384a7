"""What a person sees when everything runs: where the pages are, who may sign in, and a code for the phone."""

import io
from collections.abc import Sequence
from typing import Final

from live.launch.tls import local_addresses
from live.seed.people import DemoPerson
from live.settings import EVERYWHERE, Settings, is_loopback

PAGES: Final = (
    ("Watch and buy", "/"),
    ("Studio, go live", "/studio"),
    ("Store counter", "/counter"),
    ("Courier", "/courier"),
    ("Console", "/console"),
)


def phone_origin(settings: Settings) -> str | None:
    """What a phone on the same network opens; None when it cannot reach us."""
    if settings.public_url:
        return settings.public_url
    if is_loopback(settings.host):
        return None
    if settings.host not in EVERYWHERE:
        return settings.origin
    address = next(iter(local_addresses()), None)
    if address is None:
        return None
    host = f"[{address}]" if ":" in address else address
    return f"{'https' if settings.uses_tls else 'http'}://{host}:{settings.port}"


def banner(settings: Settings, people: Sequence[DemoPerson]) -> str:
    """The whole text, lines without colour."""
    origin = settings.origin
    lines = ["", "Nearlive is ready", "", *(f"  {name:<16} {origin}{path}" for name, path in PAGES), ""]
    if people:
        lines += [f"Demo sign-ins, password {people[0].password}", ""]
        for role in dict.fromkeys(person.role for person in people):
            lines.append(f"  {role:<16} {', '.join(person.login for person in people if person.role == role)}")
        lines.append("")
    if phone := phone_origin(settings):
        lines += [f"On a phone: {phone}", "", _code(phone)]
        if settings.uses_tls and not (settings.tls_cert or settings.public_url):
            lines += ["The certificate was made here, so the phone asks once whether to go on.", ""]
    else:
        lines += ["For a phone on this network start with --host 0.0.0.0", ""]
    lines += [f"Kept in {settings.data}. Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def _code(url: str) -> str:
    import segno  # noqa: PLC0415 - 40 ms that a start without a phone does not need

    text = io.StringIO()
    segno.make(url, error="L", micro=False).terminal(text, compact=True, border=2)
    return text.getvalue()
