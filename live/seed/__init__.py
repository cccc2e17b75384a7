"""A demo city, so that one person with nothing at hand can see the whole loop. May be put in again and again."""

from live.settings import Settings


async def seed(settings: Settings) -> None:
    """Put in what is missing. Quick when nothing is."""
    from live.seed.city import build  # noqa: PLC0415 - the banner wants only the people of this package

    await build(settings)
