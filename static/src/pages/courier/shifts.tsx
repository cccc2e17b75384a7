/** When the courier is planned to work, what is open, and saying that one cannot come. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../../core/api";
import { clock, dayName, when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import { serverNow } from "../../core/server_clock";
import type { CourierState, MyShift, MyShifts } from "../../core/types";
import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Badge } from "../../design/labels";
import { Banner, EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { now } from "../../work/clock";
import { t } from "./text";

/** One line under the day: the shift that runs, or the next one. */
export function ShiftRow({ state }: { state: CourierState }) {
  const [open, setOpen] = useState(false);
  const { shift } = state;
  const runs = shift !== null && now.value > 0 && Date.parse(shift.starts_at) <= serverNow();
  return (
    <>
      <button type="button" class="co-shift" onClick={() => setOpen(true)} data-testid="my-shifts">
        <Icon name="calendar" size={20} />
        <span class="grow">
          <b>{t("my_shifts")}</b>
          <span class="muted small num">
            {shift === null ? t("shift_none") : runs ? t("shift_runs", { time: clock(shift.ends_at) }) : t("shift_next", { from: when(shift.starts_at), to: clock(shift.ends_at) })}
          </span>
        </span>
        {runs && !state.online && <Badge tone="warn">{t("shift_online")}</Badge>}
        <Icon name="chevron-right" size={20} />
      </button>
      <ShiftsSheet open={open} state={state} onClose={() => setOpen(false)} />
    </>
  );
}

function ShiftsSheet({ open, state, onClose }: { open: boolean; state: CourierState; onClose: () => void }) {
  return (
    <Sheet open={open} title={t("my_shifts")} closeLabel={t("close")} onClose={onClose} wide="middle" data-testid="shifts">
      {open && <Plan planned={state.shift?.starts_at ?? null} />}
    </Sheet>
  );
}

/** `planned`: the begin of the next shift; when it becomes another one, the plan has changed. */
function Plan({ planned }: { planned: string | null }) {
  const [mine, setMine] = useState<MyShifts | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = () => {
    setError(null);
    get<MyShifts>("/api/courier/shifts").then(setMine, setError);
  };
  useEffect(load, [planned]);
  if (mine === null) return error === null ? <Skeleton height="220px" /> : <ErrorState error={error} onRetry={load} />;
  return (
    <div class="stack" tabIndex={0} role="region" aria-label={t("my_shifts")}>
      <p class="muted small">{mine.only_in_shifts ? t("shift_rule_only", { n: Math.round(mine.early_s / 60) }) : t("shift_rule")}</p>
      {mine.items.length === 0 && <EmptyState icon="calendar" title={t("shift_none")} text={mine.open.length > 0 ? t("shift_none_open") : t("shift_none_text")} />}
      {mine.items.length > 0 && (
        <ul class="co-shifts">
          {mine.items.map((shift) => (
            <MyShiftRow key={shift.id} shift={shift} onMine={setMine} />
          ))}
        </ul>
      )}
      {mine.open.length > 0 && (
        <section class="stack" aria-labelledby="open-shifts">
          <h3 id="open-shifts">{t("shift_open")}</h3>
          <p class="muted small">{t("shift_open_text")}</p>
          <ul class="co-shifts">
            {mine.open.map((shift) => (
              <OpenShiftRow key={shift.id} shift={shift} onMine={setMine} onGone={load} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Times({ shift }: { shift: MyShift }) {
  const runs = Date.parse(shift.starts_at) <= serverNow();
  return (
    <div class="grow">
      <b>{dayName(shift.starts_at, true)}</b>
      <span class="muted num">
        {[`${clock(shift.starts_at)}–${clock(shift.ends_at)}`, shift.place, runs && shift.cannot_at === null ? t("shift_now") : ""].filter(Boolean).join(" · ")}
      </span>
    </div>
  );
}

function MyShiftRow({ shift, onMine }: { shift: MyShift; onMine: (mine: MyShifts) => void }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState("");
  const answer = async (coming: boolean) => {
    setBusy(true);
    try {
      onMine(await post<MyShifts>(`/api/courier/shifts/${shift.id}/answer`, coming ? { coming } : { coming, why: why.trim() }));
      toast(coming ? t("shift_coming_said") : t("shift_cannot_said"), "good");
      setAsking(false);
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <li data-testid="my-shift" data-cannot={shift.cannot_at === null ? "no" : "yes"}>
      <Times shift={shift} />
      {shift.cannot_at === null ? (
        <Button size="s" onClick={() => setAsking(true)} data-testid="shift-cannot">
          {t("shift_cannot")}
        </Button>
      ) : (
        <>
          <Button size="s" busy={busy} onClick={() => void answer(true)} data-testid="shift-coming">
            {t("shift_coming")}
          </Button>
          <Banner tone="warn" class="co-shifts__note">
            {t("shift_cannot_is")}
          </Banner>
        </>
      )}
      <Confirm
        open={asking}
        danger
        title={t("shift_cannot_q")}
        text={t("shift_cannot_text")}
        confirmLabel={t("shift_cannot")}
        cancelLabel={t("shift_keep")}
        busy={busy}
        onConfirm={() => void answer(false)}
        onClose={() => setAsking(false)}
      >
        <TextInput label={t("shift_why")} optional={t("optional")} maxLength={200} value={why} onValue={setWhy} data-testid="shift-why" />
      </Confirm>
    </li>
  );
}

function OpenShiftRow({ shift, onMine, onGone }: { shift: MyShift; onMine: (mine: MyShifts) => void; onGone: () => void }) {
  const [busy, setBusy] = useState(false);
  const claim = async () => {
    setBusy(true);
    try {
      onMine(await post<MyShifts>(`/api/courier/shifts/${shift.id}/claim`));
      toast(t("shift_claimed"), "good");
    } catch (error) {
      toast(problemText(error), "bad");
      onGone();
    } finally {
      setBusy(false);
    }
  };
  return (
    <li data-testid="open-shift">
      <Times shift={shift} />
      <Button size="s" variant="primary" busy={busy} onClick={() => void claim()} data-testid="shift-claim">
        {t("shift_claim")}
      </Button>
    </li>
  );
}
