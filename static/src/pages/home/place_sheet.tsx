import { useState } from "preact/hooks";

import { forgetPlace, locate, place, setPlace } from "../../core/geo";
import { problemText } from "../../core/problems";
import type { Position } from "../../core/types";
import { Button } from "../../design/button";
import { Banner } from "../../design/notices";
import { Sheet } from "../../design/sheet";
import { PlacePicker } from "../../map/place_picker";
import { CITY_CENTRE } from "../../map/shanghai";
import { stores } from "./listing";
import { t } from "./text";

/** Where this person wants to look: by the device, or on a map. */
export function PlaceSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [chosen, setChosen] = useState<Position>(place.peek()?.position ?? CITY_CENTRE);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function useDevice(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await locate();
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Sheet
      open={open}
      onClose={onClose}
      title={t("place_title")}
      wide="middle"
      data-testid="place-sheet"
      footer={
        <Button
          variant="primary"
          size="l"
          wide
          data-testid="place-here"
          onClick={() => {
            setPlace(chosen, nearestName(chosen));
            onClose();
          }}
        >
          {t("place_here")}
        </Button>
      }
    >
      <div class="stack">
        <p class="muted">{t("place_text")}</p>
        <Button icon="locate" wide busy={busy} onClick={() => void useDevice()} data-testid="place-locate">
          {t("place_use")}
        </Button>
        {error !== null && <Banner tone="warn">{problemText(error)}</Banner>}
        <PlacePicker value={chosen} marks={stores.value} zoom={13} onMove={setChosen} />
        {place.value && (
          <Button
            variant="quiet"
            onClick={() => {
              forgetPlace();
              onClose();
            }}
          >
            {t("place_forget")}
          </Button>
        )}
      </div>
    </Sheet>
  );
}

/** The name of the store nearest to a place, to call the place by. */
function nearestName(position: Position): string | null {
  let best: { name: string; far: number } | null = null;
  for (const store of stores.value) {
    const far = (store.position.lon - position.lon) ** 2 + (store.position.lat - position.lat) ** 2;
    if (!best || far < best.far) best = { name: store.name, far };
  }
  return best?.name ?? null;
}
