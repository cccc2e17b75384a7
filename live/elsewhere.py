"""Which hosts of others pages may turn to: what the settings make necessary, and nothing else."""

from dataclasses import replace

from live.http.headers import Elsewhere
from live.paying.page import PayPage
from live.settings import Settings


def elsewhere(settings: Settings) -> Elsewhere:
    """For the pages' content security policy."""
    paying, tiles = PayPage.of(settings).elsewhere, settings.tile_origin
    return replace(paying, pictures=(tiles,)) if tiles else paying
