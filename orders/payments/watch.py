"""Looks after money that nobody asks about: holds that are about to end, and what it costs to remember."""

from orders.lifecycle import COUNTER
from orders.payments.alerts import AlertKind
from orders.payments.bell import Bell
from orders.payments.ledger import Ledger
from orders.payments.notices import Notices
from orders.payments.owing import CASH
from orders.ports import Clock
from orders.settings import OrdersSettings
from orders.store import OrderRecords


class Watch:
    """Any number of processes may watch at once."""

    def __init__(
        self, records: OrderRecords, bell: Bell, notices: Notices, clock: Clock, settings: OrdersSettings
    ) -> None:
        self._records = records
        self._bell = bell
        self._notices = notices
        self._clock = clock
        self._settings = settings

    async def run(self) -> int:
        """One pass; call it every minute. Returns how many holds are about to end.

        A hold cannot be made anew without the buyer (no card is kept), so a person has to speed the order up or end it.
        """
        life = self._settings.authorisation_life - self._settings.authorisation_warning
        # An order is paid before `expires_at`, so its hold is no older than that.
        old = await self._records.of_age(COUNTER, self._clock() - life, self._settings.sweep_batch)
        ending = 0
        for order in old:
            standing = Ledger(order.payments).authorised
            if standing is not None and standing.provider != CASH and standing.at <= self._clock() - life:
                await self._bell.ring_once(order, AlertKind.AUTHORISATION_EXPIRING, standing.provider, standing.amount)
                ending += 1
        await self._notices.forget()
        return ending
