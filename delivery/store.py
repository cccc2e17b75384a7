"""What every store of delivery needs of the driver."""

from typing import cast

from motor.motor_asyncio import AsyncIOMotorClientSession


def driver(session: object | None) -> AsyncIOMotorClientSession | None:
    """The driver's session of a running transaction (ports.Transactions)."""
    return cast("AsyncIOMotorClientSession | None", session)
