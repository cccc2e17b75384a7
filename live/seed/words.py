"""Word rules of the demo city: a few of each kind, so that every action can be seen."""

from typing import Final

from moderation.model import Action

#: Pattern, what it does, category, note.
RULES: Final[tuple[tuple[str, Action, str, str], ...]] = (
    ("假货", Action.HOLD, "fraud", "says that goods are fake: somebody looks first"),
    ("fake goods", Action.HOLD, "fraud", "as above"),
    ("加微信", Action.BLOCK, "spam", "leads buyers away"),
    ("私下交易", Action.BLOCK, "fraud", "a deal outside has no protection"),
    ("赌博", Action.BLOCK, "other", "gambling"),
    ("傻瓜", Action.MASK, "abuse", "mild abuse"),
    ("stupid", Action.MASK, "abuse", "mild abuse"),
    ("casino", Action.BLOCK, "other", "gambling"),
)
