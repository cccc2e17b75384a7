"""The parts of payments, put together."""

from dataclasses import dataclass

from orders.payments.attempts import Attempts
from orders.payments.bell import Bell
from orders.payments.cash import Cash
from orders.payments.notices import Notices
from orders.payments.payments import Payments
from orders.payments.provider import Providers
from orders.payments.reconciliation import Reconciliation
from orders.payments.sandbox import Sandbox
from orders.payments.sandbox_cards import Delays
from orders.payments.settlement import Settlement
from orders.payments.store import AlertRecords, HeldRecords, NoticeRecords, SandboxPost
from orders.payments.watch import Watch
from orders.picking.holdings import Holdings
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.store import Database, OrderRecords
from orders.transitions import Transitions


def sandbox_of(database: Database, clock: Clock, secret: bytes, delays: Delays | None = None) -> Sandbox:
    """The sandbox with its books in this database. `secret` signs its webhooks."""
    return Sandbox(HeldRecords(database, "sandbox_payments"), SandboxPost(database), clock, secret, delays)


def cash_of(database: Database, settings: OrdersSettings) -> Cash:
    """Cash on delivery with its till in this database."""
    return Cash(HeldRecords(database, "cash_payments"), settings.cash_limit)


@dataclass(frozen=True, slots=True)
class Paying:
    """What has to do with money."""

    payments: Payments
    settlement: Settlement
    notices: Notices
    bell: Bell
    watch: Watch

    @classmethod
    def compose(
        cls,
        records: OrderRecords,
        alerts: AlertRecords,
        heard: NoticeRecords,
        transitions: Transitions,
        holdings: Holdings,
        providers: Providers,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> "Paying":
        """Over these records, with these providers."""
        attempts = Attempts(records, transitions, providers, transactions, outbox, clock, settings)
        bell = Bell(alerts, transactions, outbox, clock)
        reconciliation = Reconciliation(records, transitions, providers, attempts, bell, transactions, clock)
        settlement = Settlement(
            records, transitions, holdings, providers, reconciliation, bell, transactions, outbox, clock, settings
        )
        payments = Payments(
            records, transitions, settlement, providers, attempts, reconciliation, transactions, clock, settings
        )
        notices = Notices(heard, transitions, providers, reconciliation, bell, transactions, outbox, clock)
        return cls(payments, settlement, notices, bell, Watch(records, bell, notices, clock, settings))
