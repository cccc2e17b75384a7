"""Where travel times come from: the road server if there is one, else a file of known times, else straight lines."""

import structlog

from delivery.ports import Http
from delivery.travel import StraightLine, Travel
from delivery.travel.osrm import Osrm
from delivery.travel.roads import Roads
from delivery.travel.table import Known
from live.settings import Settings

log = structlog.get_logger(__name__)


def open_travel(settings: Settings, http: Http) -> Travel:
    """As the settings say. A road server that fails is told in the log, and again when it is back."""
    travel: Travel = StraightLine(settings.travel_factor)
    table = settings.table()
    if table is not None:
        travel = Known(table, travel)
    if not settings.osrm_url:
        return travel
    return Roads(Osrm(http, settings.osrm_url, settings.osrm_timeout), travel, told=_tell)


def _tell(well: bool, why: str) -> None:
    if well:
        log.info("the road server answers again")
    else:
        log.warning("no road server: straight lines", why=why)
