"""Moderation, wired."""

from dataclasses import dataclass, field

from moderation.audit import Audit
from moderation.console import Console
from moderation.model import Verdict
from moderation.ports import Clock, Outbox, Transactions
from moderation.reports import Reports
from moderation.rules import Rules, RuleSettings
from moderation.sanctions import Sanctions
from moderation.spam import Spam, SpamSettings
from moderation.store import Database, MongoAuditStore, MongoReportStore, MongoRuleStore, MongoSanctionStore


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    """The settings of all parts."""

    rules: RuleSettings = field(default_factory=RuleSettings)
    spam: SpamSettings = field(default_factory=SpamSettings)


@dataclass(frozen=True, slots=True)
class Moderation:
    """Everything moderation offers. Made by `open`."""

    audit: Audit
    rules: Rules
    reports: Reports
    sanctions: Sanctions
    console: Console
    spam: Spam
    clock: Clock
    stores: tuple[MongoAuditStore | MongoRuleStore | MongoReportStore | MongoSanctionStore, ...]

    @classmethod
    def open(
        cls,
        database: Database,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: ModerationSettings | None = None,
    ) -> "Moderation":
        """Wire the parts over a database; touches nothing yet. Call `ensure_indexes` once before use."""
        settings = settings or ModerationSettings()
        audits, rules = MongoAuditStore(database), MongoRuleStore(database)
        reports, sanctions = MongoReportStore(database), MongoSanctionStore(database)
        audit = Audit(audits, transactions, clock)
        return cls(
            audit=audit,
            rules=Rules(rules, audit, clock, settings.rules),
            reports=Reports(reports, audit, clock),
            sanctions=Sanctions(sanctions, audit, outbox, clock),
            console=Console(audit, outbox, clock),
            spam=Spam(settings.spam),
            clock=clock,
            stores=(audits, rules, reports, sanctions),
        )

    async def ensure_indexes(self) -> None:
        """Indexes and the two counters; again at each start, harmless."""
        for store in self.stores:
            await store.ensure_indexes()

    async def screen(self, user_id: str, show_id: str, text: str, *, trusted: bool = False) -> Verdict:
        """What becomes of a chat message: allow, mask (show `verdict.text`), hold or block.

        Raises `Banned`, `Muted`, `TooFast` and, for links and telephone numbers, `Blocked`. `trusted` (the show's
        associate, operators) is not held to the limits of speed, links and telephone numbers, but to the words.
        """
        await self.sanctions.check(user_id, show_id)
        if not trusted:
            self.spam.check(user_id, show_id, text, self.clock())
        return await self.rules.check(text)
