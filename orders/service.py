"""The whole of orders, put together."""

from dataclasses import dataclass
from datetime import datetime

from orders.aftersale.returns import Returns
from orders.aftersale.store import ReturnRecords
from orders.availability import Availability
from orders.basket import Baskets
from orders.catalogue.capacity import Capacity
from orders.catalogue.catalogue import Catalogue
from orders.catalogue.nearest import Nearest
from orders.catalogue.neighbourhood import Neighbourhoods
from orders.catalogue.places.store import CapacityRecords
from orders.catalogue.prices import PriceLists
from orders.catalogue.store import CatalogueRecords, PriceRecords
from orders.checkout.checkout import Checkout
from orders.checkout.holding import Holding
from orders.checkout.numbers import OrderNumbers
from orders.checkout.quoting import Quoting
from orders.checkout.store import NumberRecords
from orders.checkout.writing import Writing
from orders.credit.credits import Credits
from orders.credit.links.links import PersonalLinks
from orders.credit.links.store import LinkRecords
from orders.credit.store import CommissionRecords, CreditRecords, TouchRecords
from orders.errors import OrderNotFound
from orders.fulfilment import Fulfilment
from orders.model import Order
from orders.payments.bell import Bell
from orders.payments.notices import Notices
from orders.payments.payments import Payments
from orders.payments.provider import Providers
from orders.payments.service import Paying, cash_of, sandbox_of
from orders.payments.settlement import Settlement
from orders.payments.store import AlertRecords, NoticeRecords
from orders.payments.watch import Watch
from orders.picking.holdings import Holdings
from orders.picking.proposals import Proposals
from orders.picking.shortfall import Shortfalls
from orders.picking.store import ProposalRecords
from orders.ports import Clock, Deals, DeliveryQuotes, Memberships, Outbox, ShowSources, Transactions
from orders.promotions.coupons.coupons import Coupons
from orders.promotions.coupons.store import CouponRecords, coupon_rations
from orders.promotions.flash.sales import FlashSales
from orders.promotions.flash.store import FlashRecords, flash_rations
from orders.promotions.promotions import Promotions
from orders.promotions.rations.store import RationRecords
from orders.settings import OrdersSettings
from orders.sourcing.sourcing import Sourcing
from orders.stock.audit import Audit
from orders.stock.books.store import BookRecords
from orders.stock.stock import Stock
from orders.stock.store import StockRecords
from orders.stock.transfers.store import TransferRecords
from orders.stock.transfers.transfers import Transfers
from orders.store import Database, OrderRecords
from orders.sweep import Sweep
from orders.timekeeping import Timekeeper
from orders.transitions import Transitions


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that orders keeps in the database."""

    catalogue: CatalogueRecords
    stock: StockRecords
    orders: OrderRecords
    proposals: ProposalRecords
    returns: ReturnRecords
    prices: PriceRecords
    capacity: CapacityRecords
    numbers: NumberRecords
    transfers: TransferRecords
    books: BookRecords
    alerts: AlertRecords
    notices: NoticeRecords
    flash: FlashRecords
    flash_rations: RationRecords
    coupons: CouponRecords
    coupon_rations: RationRecords
    touches: TouchRecords
    commissions: CommissionRecords
    credits: CreditRecords
    links: LinkRecords

    @classmethod
    def of(cls, database: Database) -> "Records":
        """The collections of this database."""
        return cls(
            CatalogueRecords(database),
            StockRecords(database),
            OrderRecords(database),
            ProposalRecords(database),
            ReturnRecords(database),
            PriceRecords(database),
            CapacityRecords(database),
            NumberRecords(database),
            TransferRecords(database),
            BookRecords(database),
            AlertRecords(database),
            NoticeRecords(database),
            FlashRecords(database),
            flash_rations(database),
            CouponRecords(database),
            coupon_rations(database),
            TouchRecords(database),
            CommissionRecords(database),
            CreditRecords(database),
            LinkRecords(database),
        )


@dataclass(frozen=True, slots=True)
class Orders:
    """The services of the domain. Make one with `Orders.open`."""

    catalogue: Catalogue
    prices: PriceLists
    capacity: Capacity
    stock: Stock
    transfers: Transfers
    audit: Audit
    sourcing: Sourcing
    availability: Availability
    promotions: Promotions
    checkout: Checkout
    payments: Payments
    notices: Notices
    bell: Bell
    watch: Watch
    fulfilment: Fulfilment
    settlement: Settlement
    proposals: Proposals
    returns: Returns
    credits: Credits
    links: PersonalLinks
    sweep: Sweep
    _records: Records

    @classmethod
    def open(
        cls,
        database: Database,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
        quotes: DeliveryQuotes,
        deals: Deals,
        providers: Providers | None = None,
        shows: ShowSources | None = None,
        memberships: Memberships | None = None,
    ) -> "Orders":
        """Put the services together. Without `providers` the sandbox and couriers (cash) take payments.

        Without `shows` all orders follow the strategy of the settings, without `memberships` nobody is a member.
        """
        records = Records.of(database)
        if providers is None:
            providers = Providers((sandbox_of(database, clock, b"sandbox"), cash_of(database, settings)))
        return cls.compose(records, transactions, outbox, clock, settings, quotes, deals, providers, shows, memberships)

    @classmethod
    def compose(
        cls,
        records: Records,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
        quotes: DeliveryQuotes,
        deals: Deals,
        providers: Providers,
        shows: ShowSources | None = None,
        memberships: Memberships | None = None,
    ) -> "Orders":
        """The same over given records."""

        def now() -> datetime:
            # The database keeps milliseconds: what is returned before and after a read must be equal.
            at = clock()
            return at.replace(microsecond=at.microsecond // 1000 * 1000)

        stock = Stock(records.stock, transactions, outbox, now, settings)
        neighbourhoods = Neighbourhoods(records.catalogue, now, settings)
        catalogue = Catalogue(records.catalogue, records.stock, neighbourhoods)
        nearest = Nearest(neighbourhoods, quotes)
        prices = PriceLists(records.prices, now)
        capacity = Capacity(records.capacity)
        promotions = Promotions(
            FlashSales(records.flash, records.flash_rations, records.orders, now),
            Coupons(records.coupons, records.coupon_rations, records.orders, now),
        )
        sourcing = Sourcing(nearest, stock, shows, settings)
        baskets = Baskets(catalogue, prices, deals, promotions, memberships, now, settings)
        transitions = Transitions(records.orders, transactions, outbox, now, settings)
        paying = Paying.compose(
            records.orders,
            records.alerts,
            records.notices,
            transitions,
            Holdings(stock, promotions),
            providers,
            transactions,
            outbox,
            now,
            settings,
        )
        settlement = paying.settlement
        proposals = Proposals(
            records.proposals,
            Shortfalls(catalogue, prices, settings),
            transitions,
            settlement,
            stock,
            transactions,
            outbox,
            now,
            settings,
        )
        credits_ = Credits(
            records.touches, records.commissions, records.credits, records.orders, transactions, now, settings
        )
        timekeeper = Timekeeper(records.orders, transitions, settlement, proposals, transactions, outbox, now, settings)
        return cls(
            catalogue=catalogue,
            prices=prices,
            capacity=capacity,
            stock=stock,
            transfers=Transfers(records.transfers, stock, catalogue, transactions, outbox, now, settings),
            audit=Audit(records.books, records.orders, records.transfers, catalogue, now, settings),
            sourcing=sourcing,
            availability=Availability(nearest, sourcing, now),
            promotions=promotions,
            checkout=Checkout(
                records.orders,
                catalogue,
                Quoting(sourcing, baskets, now, settings),
                Holding(stock, promotions, capacity),
                capacity,
                OrderNumbers(records.numbers),
                Writing(records.orders, stock, transactions, outbox),
                now,
                settings,
            ),
            payments=paying.payments,
            notices=paying.notices,
            bell=paying.bell,
            watch=paying.watch,
            fulfilment=Fulfilment(records.orders, transitions, settlement),
            settlement=settlement,
            proposals=proposals,
            returns=Returns(records.returns, transitions, settlement, transactions, outbox, now, settings),
            credits=credits_,
            links=PersonalLinks(records.links, credits_, now),
            sweep=Sweep(
                records.orders,
                records.stock,
                stock,
                transitions,
                settlement,
                timekeeper,
                transactions,
                outbox,
                now,
                settings,
            ),
            _records=records,
        )

    async def ensure_indexes(self) -> None:
        """Make the indexes, those the rules rest on among them: unique (buyer, idempotency key)."""
        await self._records.catalogue.ensure_indexes()
        await self._records.prices.ensure_indexes()
        await self._records.capacity.ensure_indexes()
        await self._records.stock.ensure_indexes()
        await self._records.transfers.ensure_indexes()
        await self._records.orders.ensure_indexes()
        await self._records.alerts.ensure_indexes()
        await self._records.notices.ensure_indexes()
        await self._records.flash.ensure_indexes()
        await self._records.flash_rations.ensure_indexes()
        await self._records.coupons.ensure_indexes()
        await self._records.coupon_rations.ensure_indexes()
        await self._records.touches.ensure_indexes()
        await self._records.commissions.ensure_indexes()
        await self._records.links.ensure_indexes()

    async def order(self, order_id: str) -> Order:
        """Raises OrderNotFound."""
        order = await self._records.orders.order(order_id)
        if order is None:
            raise OrderNotFound(f"No order {order_id}.")
        return order

    async def of_buyer(self, buyer_id: str, limit: int = 20, before: datetime | None = None) -> list[Order]:
        """Newest first, those placed before `before`."""
        return await self._records.orders.of_buyer(buyer_id, limit, before)
