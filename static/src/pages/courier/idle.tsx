/** When there is nothing to deliver: waiting, with a hint where; or offline, and what going online means. */

import { useState } from "preact/hooks";
import { minutes, when } from "../../core/i18n";
import type { CourierState } from "../../core/types";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { EmptyState } from "../../design/notices";
import { serverNow } from "../../core/server_clock";
import { now } from "../../work/clock";
import type { CourierDay } from "./courier_state";
import { Navigate } from "./navigate";
import { t } from "./text";
import { WayMap } from "./way_map";

interface IdleProps {
  day: CourierDay;
  state: CourierState;
  busy: boolean;
  onOnline: () => void;
}

export function Idle({ day, state, busy, onOnline }: IdleProps) {
  if (state.online) return <Waiting day={day} state={state} />;
  if (state.consent_at === null) return <Consent kept={state.kept} busy={busy} onOnline={onOnline} />;
  const early = !state.may_go_online;
  return (
    <EmptyState
      icon="scooter"
      title={!early ? t("offline_title") : state.shift ? t("no_shift_title") : t("shift_none")}
      text={!early ? t("offline_text") : state.shift ? t("no_shift_text", { time: when(state.shift.starts_at) }) : t("no_shift_none")}
      action={
        <Button variant="primary" size="l" icon="locate" busy={busy} disabled={early} onClick={onOnline} data-testid="go-online">
          {busy ? t("locating") : t("go_online")}
        </Button>
      }
    />
  );
}

/** Before the first time online: what is seen of the courier, by whom, and for how long. */
function Consent({ kept, busy, onOnline }: { kept: CourierState["kept"]; busy: boolean; onOnline: () => void }) {
  return (
    <section class="co-card co-consent" aria-labelledby="consent-title" data-testid="consent">
      <span class="co-consent__icon">
        <Icon name="locate" size={30} />
      </span>
      <h2 id="consent-title">{t("consent_title")}</h2>
      <ul>
        {[t("consent_when"), t("consent_who"), keptText(kept), t("consent_back")].map((point) => (
          <li key={point}>
            <Icon name="check" size={18} />
            <span>{point}</span>
          </li>
        ))}
      </ul>
      <Button variant="primary" size="l" wide icon="locate" busy={busy} onClick={onOnline} data-testid="go-online">
        {busy ? t("locating") : t("consent_agree")}
      </Button>
    </section>
  );
}

function keptText({ position_days, trail_days }: CourierState["kept"]): string {
  const idle = position_days === 0 ? t("kept_last") : t("kept_days", { n: position_days });
  return `${idle}${trail_days === 0 ? t("kept_no_trail") : t("kept_trail", { n: trail_days })}`;
}

function Waiting({ day, state }: { day: CourierDay; state: CourierState }) {
  const [hidden, setHidden] = useState<string | null>(null);
  const fresh = state.hint !== null && now.value > 0 && Date.parse(state.hint.until) > serverNow();
  const hint = fresh && state.hint?.until !== hidden ? state.hint : null;
  return (
    <>
      {hint && (
        <section class="co-card co-hint" data-testid="hint" aria-labelledby="hint-title">
          <header class="co-job__head">
            <div>
              <p class="co-hint__kind">{t("hint")}</p>
              <h2 id="hint-title">{hint.store_name ? t("hint_store", { store: hint.store_name }) : t("hint_place")}</h2>
              <p class="muted small">{t("hint_text", { way: minutes(Math.max(1, hint.travel_s / 60)) })}</p>
            </div>
          </header>
          <WayMap store={hint.position} doors={[]} here={day.link.here.value} />
          <div class="co-links">
            <Navigate to={hint.position} name={hint.store_name ?? t("hint_place")} />
            <Button variant="quiet" onClick={() => setHidden(hint.until)} data-testid="hint-hide">
              {t("hint_hide")}
            </Button>
          </div>
        </section>
      )}
      <div class="co-idle" data-testid="courier-waiting">
        <span class="co-radar" aria-hidden="true">
          <Icon name="scooter" size={34} />
        </span>
        <h2>{t("waiting_title")}</h2>
        <p class="muted">{t("waiting_text")}</p>
      </div>
    </>
  );
}
