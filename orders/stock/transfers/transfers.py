"""Sends goods from one store to another, in two steps: sent, then received as they were counted, or called off.

A step first writes the transfer, then moves the stock line by line, each movement once by its id. What a dead process
left undone is done by whoever comes next: the same request again, the next step, or the sweep.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from orders.catalogue.catalogue import Catalogue
from orders.errors import (
    BelowReserved,
    IdempotencyMismatch,
    InvalidQuantity,
    InvalidTransfer,
    NotEnoughStock,
    OrdersError,
    TransferNotFound,
    UnknownProduct,
    WrongStatus,
)
from orders.events import TransferChanged, event_id
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.stock.movement import Movement, MovementKind
from orders.stock.stock import MAX_ON_HAND, Stock
from orders.stock.transfers.store import TransferExists, TransferRecords
from orders.stock.transfers.transfer import SOURCES, Transfer, TransferLine, TransferStatus, TransferStep

_log = logging.getLogger(__name__)
MAX_LINES = 200
_LINES = "lines"
_S, _K = TransferStatus, MovementKind


class Transfers:
    """All transfers. Each step may be sent again with its key; the caller has checked who may do what."""

    def __init__(
        self,
        records: TransferRecords,
        stock: Stock,
        catalogue: Catalogue,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._stock = stock
        self._catalogue = catalogue
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def transfer(self, transfer_id: str) -> Transfer:
        """Raises TransferNotFound."""
        found = await self._records.transfer(transfer_id)
        if found is None:
            raise TransferNotFound(f"No transfer {transfer_id}.")
        return found

    async def of_store(self, store_id: str, limit: int = 50, before: datetime | None = None) -> list[Transfer]:
        """From it and to it, newest first."""
        return await self._records.of_store(store_id, limit, before)

    async def send(
        self, from_store: str, to_store: str, pieces: Mapping[str, int], by: str, key: str, text: str = ""
    ) -> Transfer:
        """The pieces, by product, leave one store for another. The same key again is the same transfer.

        Raises InvalidTransfer, InvalidQuantity, StoreNotFound, UnknownProduct, NotEnoughStock, IdempotencyMismatch,
        StockBusy.
        """
        id_ = f"trf_{hashlib.sha256(json.dumps([by, key]).encode()).hexdigest()[:32]}"
        earlier = await self._records.transfer(id_)
        if earlier is None:
            await self._check(from_store, to_store, pieces)
            step = TransferStep(self._clock(), by, _S.SENT, text, key)
            lines = tuple(TransferLine(product, quantity) for product, quantity in pieces.items())
            sent = Transfer(id_, from_store, to_store, _S.SENT, lines, (step,), step.at)

            async def write(session: object) -> None:
                await self._records.insert(sent, session)
                await self._outbox.add(_changed(sent, step), session)

            with suppress(TransferExists):
                await self._transactions.run(write)
            earlier = await self.transfer(id_)
        if not earlier.same_goods(from_store, to_store, pieces) or earlier.history[0].text != text:
            raise IdempotencyMismatch("This key was used for another transfer.", field="idempotency_key")
        settled = await self.settle(earlier)
        if settled.status is _S.REFUSED:
            raise await self._too_little(settled)
        return settled

    async def receive(
        self, transfer_id: str, received: Mapping[str, int], by: str, key: str, text: str = ""
    ) -> Transfer:
        """What arrived, by product: every line must be said, 0 for none of it. What is short is written down.

        Raises TransferNotFound, InvalidTransfer, InvalidQuantity, WrongStatus, IdempotencyMismatch, StockBusy.
        """
        seen = await self.transfer(transfer_id)
        if set(received) != {line.product_id for line in seen.lines}:
            raise InvalidTransfer("Say how much of each line arrived.", field=_LINES)
        if any(not 0 <= received[line.product_id] <= line.sent for line in seen.lines):
            raise InvalidQuantity("No more can arrive than was sent: what is more, is an adjustment.", field=_LINES)
        lines = tuple(replace(line, received=received[line.product_id]) for line in seen.lines)
        return await self._advance(seen, TransferStep(self._clock(), by, _S.RECEIVED, text, key), lines)

    async def cancel(self, transfer_id: str, by: str, key: str, text: str) -> Transfer:
        """It is called off and all of it is in the sending store again.

        Raises TransferNotFound, WrongStatus, IdempotencyMismatch, StockBusy.
        """
        seen = await self.transfer(transfer_id)
        return await self._advance(seen, TransferStep(self._clock(), by, _S.CANCELLED, text, key), seen.lines)

    async def sweep(self) -> int:
        """Let the stock follow transfers that somebody left half done; how many."""
        due = await self._records.due(self._clock() - self._settings.settle_after, self._settings.sweep_batch)
        for transfer in due:
            try:
                await self.settle(transfer)
            except OrdersError as error:
                _log.warning("transfer stays due", extra={"transfer_id": transfer.id, "code": error.code})
        return len(due)

    async def settle(self, transfer: Transfer) -> Transfer:
        """Let the stock follow the status. Again is the same."""
        if transfer.due_at is None:
            return transfer
        try:
            for line in transfer.lines:
                await self._move(transfer, line)
        except BelowReserved:
            if transfer.status is not _S.SENT:
                raise
            step = TransferStep(self._clock(), "system", _S.REFUSED)
            await self._write(transfer, step, transfer.lines)
            return await self.settle(await self.transfer(transfer.id))
        except IdempotencyMismatch:
            now = await self.transfer(transfer.id)
            if now.status is transfer.status:
                raise
            return await self.settle(now)  # it was refused meanwhile
        await self._transactions.run(lambda session: self._records.settled(transfer, session))
        return await self.transfer(transfer.id)

    async def _move(self, transfer: Transfer, line: TransferLine) -> None:
        out = self._movement(transfer, line, _K.TRANSFER_OUT, -line.sent)
        match transfer.status:
            case TransferStatus.SENT:
                await self._stock.enter(transfer.from_store, line.product_id, out)
            case TransferStatus.RECEIVED if line.received:
                into = self._movement(transfer, line, _K.TRANSFER_IN, line.received)
                await self._stock.enter(transfer.to_store, line.product_id, into)
            case TransferStatus.CANCELLED:
                await self._back(transfer, line)
            case TransferStatus.REFUSED:
                # Somebody may still be sending. A movement of the same id that moves nothing keeps this line here for
                # good; if the id is taken, the line has left and comes back.
                try:
                    await self._stock.enter(transfer.from_store, line.product_id, replace(out, change=0))
                except IdempotencyMismatch:
                    await self._back(transfer, line)

    async def _back(self, transfer: Transfer, line: TransferLine) -> None:
        back = self._movement(transfer, line, _K.TRANSFER_BACK, line.sent)
        await self._stock.enter(transfer.from_store, line.product_id, back)

    def _movement(self, transfer: Transfer, line: TransferLine, kind: MovementKind, change: int) -> Movement:
        id_ = f"{transfer.id}:{line.product_id}:{kind.value}"
        return Movement(id_, self._clock(), change, kind, transfer.history[-1].by, ref=transfer.id)

    async def _advance(self, seen: Transfer, step: TransferStep, lines: tuple[TransferLine, ...]) -> Transfer:
        seen = await self.settle(seen)
        if seen.status in SOURCES[step.status]:
            await self._write(seen, step, lines)
        now = await self.transfer(seen.id)
        last = now.history[-1]
        if (last.status, last.by, last.key) != (step.status, step.by, step.key):
            raise WrongStatus(f"A transfer that is {now.status} cannot become {step.status}.", now.status)
        if now.lines != lines or last.text != step.text:
            raise IdempotencyMismatch("This key was used for something else.", field="idempotency_key")
        return await self.settle(now)

    async def _write(self, seen: Transfer, step: TransferStep, lines: tuple[TransferLine, ...]) -> None:
        async def write(session: object) -> None:
            if await self._records.advance(seen.id, step, lines, session):
                await self._outbox.add(_changed(seen, step), session)

        await self._transactions.run(write)

    async def _check(self, from_store: str, to_store: str, pieces: Mapping[str, int]) -> None:
        if from_store == to_store:
            raise InvalidTransfer("A transfer goes to another store.", field="to_store")
        if not 1 <= len(pieces) <= MAX_LINES:
            raise InvalidTransfer(f"A transfer has 1 to {MAX_LINES} lines.", field=_LINES)
        if any(not 1 <= quantity <= MAX_ON_HAND for quantity in pieces.values()):
            raise InvalidQuantity(f"1 to {MAX_ON_HAND} pieces of a product.", field=_LINES)
        await self._catalogue.store(from_store)
        await self._catalogue.store(to_store)
        if set(await self._catalogue.products(pieces)) != set(pieces):
            raise UnknownProduct("A line names a product that does not exist.", field=_LINES)
        short = await self._short(from_store, pieces)
        if short is not None:
            raise short

    async def _short(self, from_store: str, pieces: Mapping[str, int]) -> NotEnoughStock | None:
        """The error for the first product of which too little is free, safety stock included."""
        levels = await self._stock.available([from_store], pieces)
        for product_id, quantity in pieces.items():
            level = levels.get((from_store, product_id))
            free = 0 if level is None else level.on_hand - level.reserved
            if free < quantity:
                return NotEnoughStock(product_id, free)
        return None

    async def _too_little(self, refused: Transfer) -> NotEnoughStock:
        pieces = {line.product_id: line.sent for line in refused.lines}
        first = refused.lines[0].product_id
        return await self._short(refused.from_store, pieces) or NotEnoughStock(first, 0)


def _changed(transfer: Transfer, step: TransferStep) -> TransferChanged:
    return TransferChanged(event_id(), step.at, transfer.id, transfer.from_store, transfer.to_store, step.status.value)
