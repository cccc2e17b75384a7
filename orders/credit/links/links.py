"""Making personal links, and following them."""

import secrets
from datetime import timedelta
from typing import Final

from orders.credit.credits import Credits
from orders.credit.links.link import PersonalLink
from orders.credit.links.store import LinkRecords
from orders.credit.touch import TouchAction, TouchKind
from orders.errors import LinkUnknown
from orders.ports import Clock

#: How long a link waits for its customer.
WAITS: Final = timedelta(days=14)
#: How long the associate sees it afterwards.
_KEPT: Final = timedelta(days=90)
_SHOWN: Final = 50


class PersonalLinks:
    """The caller has checked who the associate is, and that the show is theirs."""

    def __init__(self, records: LinkRecords, credits_: Credits, clock: Clock) -> None:
        self._records = records
        self._credits = credits_
        self._clock = clock

    async def make(self, associate_id: str, show_id: str, name: str) -> PersonalLink:
        """A new one, for 14 days."""
        now = self._clock()
        link = PersonalLink(f"lnk_{secrets.token_urlsafe(9)}", associate_id, show_id, name, now, now + WAITS)
        await self._records.add(link)
        return link

    async def of_show(self, show_id: str) -> list[PersonalLink]:
        """The latest into a show, newest first."""
        return await self._records.of_show(show_id, _SHOWN)

    async def remove(self, link_id: str, show_id: str) -> None:
        """Take back one that nobody has followed yet; nothing for any other. Idempotent."""
        await self._records.remove(link_id, show_id)

    async def follow(self, link_id: str, buyer_id: str) -> PersonalLink:
        """This buyer has come by it: as its customer, or as anybody if it is another's. Raises LinkUnknown."""
        link = await self._records.link(link_id)
        if link is None or (link.buyer_id is None and link.until <= self._clock()):
            raise LinkUnknown("This link is not known, or is over.")
        if buyer_id == link.associate_id:
            return link
        if link.buyer_id is None and await self._records.take(link_id, buyer_id, self._clock()):
            personal = True
        else:
            link = await self._records.link(link_id) or link
            personal = link.buyer_id == buyer_id
        kind = TouchKind.ONE_TO_ONE if personal else TouchKind.LINK
        await self._credits.touched(buyer_id, kind, TouchAction.CLICK, link.associate_id, link.show_id)
        return link

    async def forget(self) -> None:
        """Drop what has been over for long."""
        await self._records.forget(self._clock() - _KEPT)
