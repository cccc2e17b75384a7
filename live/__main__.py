"""The command `nearlive`, also `python -m live`. What a command needs is loaded when it is asked for."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from live.launch.arguments import parser, run_options
from live.launch.errors import LaunchError, SettingsError
from live.settings import Settings, read_settings


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. Exit status: 0, 1 for what went wrong, 2 for bad arguments or settings."""
    given = vars(parser().parse_args(arguments))
    try:
        settings = read_settings(**run_options(given))
        match given["command"]:
            case "serve":
                _serve(settings)
            case "seed":
                _seed(settings)
            case "people":
                _add_person(settings, given)
            case "catalogue":
                _catalogue(settings, given)
            case "stock":
                _audit_stock(settings, given)
            case "keys":
                _rotate(settings)
            case _:
                _run(settings, reset="reset" in given, sure="yes" in given)
    except LaunchError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2 if isinstance(error, SettingsError) else 1)


def _run(settings: Settings, *, reset: bool, sure: bool) -> None:
    from live.launch.run import run  # noqa: PLC0415 - the other commands do without

    if reset:
        if settings.mongodb_uri or settings.redis_url:
            raise LaunchError("--reset clears the data folder; it never touches a server that you named.")
        if not sure and not (
            sys.stdin.isatty() and _confirmed(f"Forget all orders, people and shows in {settings.data}?")
        ):
            raise LaunchError("Nothing was reset. Say --yes when nobody is there to ask.")
    run(settings, reset=reset)


def _serve(settings: Settings) -> None:
    _need_servers(settings)
    import asyncio  # noqa: PLC0415 - as below

    from live import logs  # noqa: PLC0415 - as below
    from live.launch.limits import allow_many_sockets  # noqa: PLC0415 - as below
    from live.launch.servers import wait_for_servers  # noqa: PLC0415 - as below
    from live.seed import seed  # noqa: PLC0415 - as below
    from live.server import main as serve  # noqa: PLC0415 - a second that only this process needs

    allow_many_sockets()
    logs.configure(settings)
    asyncio.run(wait_for_servers(settings))
    if settings.demo:
        asyncio.run(seed(settings))
    serve(settings)


def _seed(settings: Settings) -> None:
    import asyncio  # noqa: PLC0415 - as above

    from live.launch.commands import put_demo_city  # noqa: PLC0415 - as above

    asyncio.run(put_demo_city(settings))


def _add_person(settings: Settings, given: Mapping[str, Any]) -> None:
    import asyncio  # noqa: PLC0415 - as above

    from live.launch.commands import add_person  # noqa: PLC0415 - as above

    login = given["login"]
    asyncio.run(add_person(settings, login, given["name"] or login, given["role"], given["store"]))


def _catalogue(settings: Settings, given: Mapping[str, Any]) -> None:
    from live.catalogue_file.commands import export_catalogue, import_catalogue  # noqa: PLC0415 - as above

    if given["action"] == "import":
        import_catalogue(settings, given["file"], dry_run=given["dry_run"], skip_bad=given["skip_bad"])
    else:
        export_catalogue(settings, given["file"])


def _audit_stock(settings: Settings, given: Mapping[str, Any]) -> None:
    from live.launch.stock_audit import audit_stock  # noqa: PLC0415 - as above

    if not audit_stock(settings, given["store"]):
        sys.exit(1)


def _rotate(settings: Settings) -> None:
    from live.keys import rotate  # noqa: PLC0415 - as above

    for name, key_id in rotate(settings.data).items():
        sys.stdout.write(f"{settings.data / name}: {key_id}\n")
    sys.stdout.write("Restart the servers and media nodes to sign with them.\n")


def _need_servers(settings: Settings) -> None:
    missing = [
        name for name, value in (("MONGODB_URI", settings.mongodb_uri), ("REDIS_URL", settings.redis_url)) if not value
    ]
    if missing:
        raise SettingsError([f"{name} is not set; `nearlive run` brings a server of its own" for name in missing])


def _confirmed(question: str) -> bool:
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


if __name__ == "__main__":
    main()
