import { number } from "../../core/i18n";
import { Sheet } from "../../design/sheet";
import { Choice } from "../../design/toggles";
import { choice, choose, fitting, shortSide, type Layer } from "./layers";
import { t } from "./text";

export interface QualitySheetProps {
  open: boolean;
  onClose: () => void;
  /** Best first. */
  layers: readonly Layer[];
  /** The short side of what is shown now, in pixels. */
  side: number;
}

const AUTOMATIC = "";

/** How sharp the picture shall be: by the network, or one layer, with what it costs. */
export function QualitySheet({ open, onClose, layers, side }: QualitySheetProps) {
  const chosen = fitting(layers, choice.value);
  const options = layers.map((layer, at) => ({ value: layer.id, label: nameOf(layer, at, layers.length), hint: costOf(layer) }));
  const automatic = { value: AUTOMATIC, label: t("quality_auto"), hint: side > 0 ? t("quality_auto_now", { p: side }) : t("quality_auto_text") };
  return (
    <Sheet open={open} onClose={onClose} title={t("quality")} wide="middle" clear data-testid="quality-sheet">
      <div class="stack" data-chosen={chosen?.id ?? "auto"}>
        <Choice
          label={t("quality")}
          look="rows"
          value={chosen?.id ?? AUTOMATIC}
          options={[chosen ? { ...automatic, hint: t("quality_auto_text") } : automatic, ...options]}
          onChange={(id) => choose(layers.find((layer) => layer.id === id) ?? null)}
        />
        <p class="muted small">{t("quality_kept")}</p>
      </div>
    </Sheet>
  );
}

/** "High 720p"; by its rank alone where the size is not known. */
function nameOf(layer: Layer, at: number, count: number): string {
  const name = t(at === 0 ? "quality_high" : at === count - 1 ? "quality_low" : "quality_middle");
  const side = shortSide(layer);
  return side > 0 ? `${name} ${side}p` : name;
}

function costOf({ bitrate }: Layer): string {
  const rate = Math.max(0.1, Math.round(bitrate / 100_000) / 10);
  return t("quality_rate", { rate: number(rate), mb: number(Math.max(1, Math.round((bitrate * 60) / 8_000_000))) });
}
