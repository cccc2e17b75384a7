"""What the smaller commands do; each starts the embedded servers for itself where no others are named."""

import sys
from getpass import getpass

from live import logs
from live.accounts.accounts import Credentials
from live.accounts.errors import AccountError
from live.http.access import Role
from live.launch.errors import LaunchError
from live.launch.servers import servers
from live.seed import seed
from live.services import open_services
from live.settings import Settings


async def put_demo_city(settings: Settings) -> None:
    """`nearlive seed`. Raises LaunchError."""
    logs.configure(settings)
    async with servers(settings) as running:
        await seed(running)


async def add_person(settings: Settings, login: str, name: str, role: str, store: str | None) -> None:
    """`nearlive people add`: how a server of one's own gets its first admin. The password is asked for, or on stdin.

    Raises:
        LaunchError: the login is taken, or something about the person is not as it should be.
    """
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    async with servers(settings) as running, open_services(running) as services:
        await services.ensure_indexes()
        try:
            user = await services.accounts.create(Credentials(login, password, name), Role(role), store)
        except AccountError as error:
            raise LaunchError(str(error)) from None
    sys.stdout.write(f"{user.id} {login} {role}\n")
