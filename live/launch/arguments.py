"""The command line, and the help that lists every setting."""

import argparse
import textwrap
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from live.http.access import Role
from live.settings import MEDIA_PREFIX, Settings, variables

WIDTH = 100


class Parser(argparse.ArgumentParser):
    """Help with the settings at its end, read off their definitions only when somebody asks."""

    def format_help(self) -> str:
        return super().format_help() + "\n" + settings_help()


def parser() -> argparse.ArgumentParser:
    top = Parser(
        prog="nearlive",
        description="Live commerce from any shop: shows, orders at the nearest store, couriers within the hour.",
    )
    top.add_argument("--version", action="version", version=f"nearlive {_version()}")
    _add_run_options(top)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=argparse.ArgumentParser)
    _add_run_options(commands.add_parser("run", help="everything on this machine (the default)"))
    commands.add_parser("serve", help="the web server alone; needs MONGODB_URI and REDIS_URL")
    commands.add_parser("seed", help="put the demo city into the database; may be repeated")
    people = commands.add_parser("people", help="people who work here").add_subparsers(dest="action", required=True)
    _add_person_options(people.add_parser("add", help="add somebody; the password is asked for, or read from stdin"))
    _add_catalogue_actions(commands.add_parser("catalogue", help="stores, products and stock, from and to a file"))
    stock = commands.add_parser("stock", help="what stores have").add_subparsers(dest="action", required=True)
    audit = stock.add_parser("audit", help="prove that ledger, counters and orders agree; exit status 1 if not")
    audit.add_argument("--store", help="id of one store; default: all")
    keys = commands.add_parser("keys", help="signing keys").add_subparsers(dest="action", required=True)
    keys.add_parser("rotate", help="sign with new keys from the next start on; what is signed stays good")
    return top


def _version() -> str:
    try:
        return version("nearlive")
    except PackageNotFoundError:
        return "(source tree, not installed)"


def _add_run_options(to: argparse.ArgumentParser) -> None:
    """Options of `run`; they are absent from the result when not given, so they work before and after the command."""
    absent: dict[str, Any] = {"default": argparse.SUPPRESS}
    to.add_argument("--host", help="address to listen on; 0.0.0.0 lets phones in", **absent)
    to.add_argument("--port", type=int, help="port of pages and API", **absent)
    to.add_argument("--data", type=Path, help="folder of everything that is kept", **absent)
    to.add_argument("--tls", action=argparse.BooleanOptionalAction, help="default: on unless on loopback", **absent)
    to.add_argument("--reset", action="store_true", help="forget orders, people and shows first", **absent)
    to.add_argument("--yes", action="store_true", help="do not ask whether to reset", **absent)


def _add_person_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("login")
    to.add_argument("--role", choices=[role.value for role in Role if role is not Role.GUEST], default=Role.ADMIN.value)
    to.add_argument("--name", help="shown to others; default: the login")
    to.add_argument("--store", help="id of the store of an associate or of staff")


def _add_catalogue_actions(to: argparse.ArgumentParser) -> None:
    actions = to.add_subparsers(dest="action", required=True)
    load = actions.add_parser("import", help="make and change what FILE says; the form is in docs/operations.md")
    load.add_argument("file", type=Path, metavar="FILE", help="JSON, CSV, or a folder of CSV files")
    load.add_argument("--dry-run", action="store_true", help="only tell what would be made and changed")
    load.add_argument("--skip-bad", action="store_true", help="leave out rows that are wrong, and tell them")
    save = actions.add_parser("export", help="write everything to FILE, pictures into a folder beside it")
    save.add_argument("file", type=Path, metavar="FILE", help="a name without a suffix is a folder of CSV files")


def settings_help() -> str:
    """Every setting with its default and meaning."""
    from media.settings import MediaSettings  # noqa: PLC0415 - only the help needs it

    lines = ["settings (environment variables; with _FILE appended, the file to read the value from):"]
    for field, info in Settings.model_fields.items():
        lines += _setting(" ".join(variables(field)), info)
    lines += ["", "settings of a media node:"]
    for field, info in MediaSettings.model_fields.items():
        lines += _setting(f"{MEDIA_PREFIX}{field.upper()}", info)
    return "\n".join(lines) + "\n"


def _setting(name: str, info: FieldInfo) -> list[str]:
    default = default_text(info)
    text = (info.description or "") + (f" [{default}]" if default else "")
    return [f"  {name}", *textwrap.wrap(text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)]


def default_text(info: FieldInfo) -> str:
    """A default as one would write it; empty when there is none or the description tells."""
    default = None if info.default_factory else info.default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, bool):
        return "true" if default else "false"
    return ",".join(map(str, default)) if isinstance(default, tuple) else "" if default is None else str(default)


def run_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among the options."""
    options = {name: given[name] for name in ("host", "port", "data") if name in given}
    if "tls" in given:
        options["tls"] = "on" if given["tls"] else "off"
    return options
