"""Write docs/order-life.md from the tables of orders/lifecycle.py: who may what, when, and at what cost.

scripts/write_lifecycle.py           # writes it
scripts/write_lifecycle.py --print   # shows it (tests/orders/test_life_page.py holds the page to this)
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from orders.lifecycle import PROPOSALS, RETURNS, TABLE

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "order-life.md"

HEAD = """# The life of an order

Written by `python -m scripts.write_lifecycle` from the tables of `orders/lifecycle.py`; do not edit it by hand.
Each row is one conditional update with the status in its filter, which appends to the history and writes its event in
the same transaction. Who asks for what is done already gets the order as it is. `system` is the sweep, or the news of a
delivery.
"""

COST = """
**Cancelling.** A buyer cancels free of charge until the store accepts, for the fee (`NEARLIVE_CANCEL_FEE`, at most
the total) until the bag is ready, and never after that; once the store has said that something is missing it is
free again. An operator cancels until hand-over, a store rejects until the bag is ready; both cost the buyer
nothing. The fee is taken of what was authorised, the rest of it is let go; of an order to be paid in cash nothing
is taken. A buyer says what they agreed to pay (nothing, where it is not said): when it costs more by then, because
the store accepts in that very moment, the order is not cancelled and the buyer is asked again.

**Goods that came back.** Nobody was there, it was refused or damaged: when the courier has brought the goods to the
store again, the order waits (`brought_back`) for an operator, who says whether the fee is kept and whether the
goods are sold again or written off. The fee is that of a late cancellation or the delivery's, whichever is more,
and never more than the bag costs; who pays in cash owes nothing. All other money goes back by itself; who pays no
fee has coupons and pieces of a flash sale back too. When nobody has decided within `NEARLIVE_BACK_HOURS`, the fee
is kept of a buyer who was absent or refused the goods and of nobody else, and the goods are written off.
"""

PROPOSAL = """
An order stays `picking` while its store asks. What is missing is worth its share of what the buyer pays for its
line; what is sent instead costs its price, but never above that, so a bag never costs more than was authorised.
Replacements are reserved while they are proposed and given back when they are refused. Declined, or without an
answer within `NEARLIVE_PROPOSAL_MINUTES`, what is missing is not paid for and nothing is sent instead; a bag in
which nothing is left ends the order. Missing pieces are written off (`not_found`) when the order leaves the store
or ends. Until the question is answered or taken back the bag cannot be made ready or handed over.
"""

RETURN = """
A buyer may ask within `NEARLIVE_RETURN_DAYS` of delivery. The refund is asked for in the same update that says the
goods are back, `refunded` follows from the provider's answer. Received goods are on sale again, or written off. No
piece is paid back twice.
"""

LATE = """
## Late

The sweep flags what was not done in time, once each, with the event `OrderLate`: at the counter, and in the
operators' list.

| flag | not done | by (never after the promise itself) |
|---|---|---|
| `accept` | accepted | `NEARLIVE_ACCEPT_MINUTES` after payment |
| `pick` | picking | `NEARLIVE_PICK_MINUTES` after it was accepted, or should have been |
| `ready` | ready | `NEARLIVE_READY_BEFORE` minutes before the promised time |
| `collect` | collected | `NEARLIVE_COLLECT_BEFORE` minutes before the promised time |
| `deliver` | delivered | the promised time |

An order that nobody accepts within `NEARLIVE_UNACCEPTED_MINUTES` of payment is rejected (0: never).
"""


def page() -> str:
    """The whole page."""
    parts = [
        HEAD,
        "\n## Order\n\n",
        table(TABLE, costs=True),
        COST,
        "\n## Proposal\n\n",
        table(PROPOSALS),
        PROPOSAL,
        "\n## Return\n\n",
        table(RETURNS),
        RETURN,
        LATE,
    ]
    return "".join(parts)


def table(rows: Sequence[Any], *, costs: bool = False) -> str:
    """Rows of Markdown."""
    names = ["action", "from", "to", "who"] + ["costs the buyer"] * costs
    lines = [_line(names), "|" + "---|" * len(names)]
    for row in rows:
        cells = [f"`{row.action}`", _list(row.sources), f"`{row.target}`", ", ".join(sorted(row.actors))]
        lines.append(_line(cells + ["the fee" if row.costs else ""] * costs))
    return "\n".join(lines) + "\n"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    if "--print" in sys.argv[1:]:
        sys.stdout.write(page())
    else:
        PAGE.write_text(page(), encoding="utf-8")
