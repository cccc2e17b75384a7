/** Ticking pieces by their barcodes: with the camera, with a hand scanner (it types), or by hand. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../design/button";
import { cx } from "../../design/class_names";
import { TextInput } from "../../design/fields";
import { Sheet } from "../../design/sheet";
import { openReader } from "./scan";
import { t } from "./text";

/** A code is taken again after so long: one piece in front of the camera is not two. */
const REST = 1_800;
const EVERY = 160;

export interface Heard {
  good: boolean;
  text: string;
}

interface ScannerProps {
  title: string;
  /** What the code is; said to the person, and read out. */
  onCode: (code: string) => Heard;
  onClose: () => void;
}

export function Scanner({ title, onCode, onClose }: ScannerProps) {
  const [heard, setHeard] = useState<Heard | null>(null);
  const [typed, setTyped] = useState("");
  const hear = (code: string) => {
    const next = onCode(code);
    navigator.vibrate?.(next.good ? 40 : [60, 50, 60]);
    setHeard(next);
  };
  const enter = () => {
    if (typed.trim() === "") return;
    hear(typed);
    setTyped("");
  };
  return (
    <Sheet open title={title} closeLabel={t("close")} onClose={onClose} wide="middle" data-testid="scanner">
      <div class="stack">
        <Camera onCode={hear} />
        <p class={cx("ct-heard", heard && (heard.good ? "ct-heard--good" : "ct-heard--bad"))} role="status" data-testid="scan-heard">
          {heard?.text ?? t("scan_hint")}
        </p>
        <form
          class="ct-typed"
          onSubmit={(event) => {
            event.preventDefault();
            enter();
          }}
        >
          <TextInput
            label={t("barcode")}
            inputMode="numeric"
            autocomplete="off"
            enterkeyhint="done"
            value={typed}
            onValue={setTyped}
            data-testid="scan-typed"
          />
          <Button type="submit" variant="primary" data-testid="scan-enter">
            {t("enter")}
          </Button>
        </form>
      </div>
    </Sheet>
  );
}

function Camera({ onCode }: { onCode: (code: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState(false);
  const told = useRef(onCode);
  told.current = onCode;
  useEffect(() => {
    let over = false;
    let stream: MediaStream | null = null;
    const last = { code: "", at: 0 };
    const run = async () => {
      const wanted = { video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false };
      stream = await navigator.mediaDevices.getUserMedia(wanted);
      const element = video.current;
      if (over || !element) return;
      element.srcObject = stream;
      await element.play();
      const read = await openReader();
      while (!over) {
        const code = await read(element).catch(() => null);
        const now = Date.now();
        if (code !== null && !over && (code !== last.code || now - last.at > REST)) {
          last.code = code;
          last.at = now;
          told.current(code);
        }
        await new Promise((resolve) => setTimeout(resolve, EVERY));
      }
    };
    run()
      .catch(() => !over && setProblem(true))
      .finally(() => over && stream?.getTracks().forEach((track) => track.stop()));
    return () => {
      over = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  if (problem) return <p class="muted small">{t("no_camera")}</p>;
  return (
    <div class="ct-camera">
      <video ref={video} muted playsInline aria-label={t("camera")} />
      <span class="ct-camera__line" />
    </div>
  );
}
