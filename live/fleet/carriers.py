"""Who else carries: the other houses at which the settings name an account."""

from delivery.ports import Clock, Http
from delivery.providers.dada.dada import Dada
from delivery.providers.provider import Provider
from delivery.providers.uber.uber import Uber
from live.settings import Settings


def open_carriers(settings: Settings, http: Http, clock: Clock) -> tuple[Provider, ...]:
    """Those that can be asked. Which of them are, and in which order, is another setting."""
    carriers: list[Provider] = []
    if uber := settings.uber_account(settings.delivery_time_zone):
        carriers.append(Uber(http, uber, clock))
    if dada := settings.dada_account(settings.origin):
        carriers.append(Dada(http, dada, clock))
    return tuple(carriers)
