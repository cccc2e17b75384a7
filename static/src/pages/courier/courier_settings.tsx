/** In the account: what the courier rides; that being seen while online was agreed to, and the way to take that back. */

import { useState } from "preact/hooks";
import { when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { CourierState } from "../../core/types";
import { Button } from "../../design/button";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import type { CourierDay } from "./courier_state";
import { t } from "./text";

const VEHICLES = ["foot", "bicycle", "ebike", "scooter", "car"] as const;

interface SettingsProps {
  day: CourierDay;
  state: CourierState;
}

export function CourierSettings({ day, state }: SettingsProps) {
  const ride = (vehicle: CourierState["vehicle"]) => {
    day.ride(vehicle).catch((error: unknown) => toast(problemText(error), "bad"));
  };
  return (
    <>
      <div class="w-setting">
        <span class="w-setting__label">{t("vehicle")}</span>
        <Choice
          label={t("vehicle")}
          look="chips"
          value={state.vehicle}
          options={VEHICLES.map((value) => ({ value, label: t(`v_${value}`) }))}
          onChange={ride}
        />
      </div>
      <ConsentRow day={day} state={state} />
    </>
  );
}

function ConsentRow({ day, state }: SettingsProps) {
  const [busy, setBusy] = useState(false);
  if (state.consent_at === null) return null;
  const withdraw = async () => {
    setBusy(true);
    try {
      await day.withdrawConsent();
      toast(t("consent_gone"), "good");
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="w-setting">
      <span class="w-setting__label">
        {t("consent_given")} · <span class="num">{when(state.consent_at)}</span>
      </span>
      <Button icon="ban" busy={busy} onClick={() => void withdraw()} data-testid="consent-withdraw">
        {t("consent_withdraw")}
      </Button>
    </div>
  );
}
