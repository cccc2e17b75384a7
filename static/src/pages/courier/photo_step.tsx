/** Taking the photo that stands for the PIN: camera, look, again or good. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { Banner } from "../../design/notices";
import { photoOf } from "./photo";
import { t } from "./text";

interface PhotoStepProps {
  photo: Blob | null;
  onPhoto: (photo: Blob | null) => void;
}

export function PhotoStep({ photo, onPhoto }: PhotoStepProps) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const address = useAddress(photo);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setFailed(false);
    try {
      onPhoto(await photoOf(file));
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="co-photo">
      {address ? (
        <img class="co-photo__shown" src={address} alt={t("photo_alt")} data-testid="photo-shown" />
      ) : (
        <button type="button" class="co-photo__empty" onClick={() => input.current?.click()} disabled={busy} data-testid="photo-take">
          <Icon name="photo" size={40} />
          <b>{busy ? t("photo_reading") : t("photo_take")}</b>
          <span class="muted small">{t("photo_hint")}</span>
        </button>
      )}
      {failed && (
        <Banner tone="bad" alert>
          {t("photo_failed")}
        </Banner>
      )}
      <input
        ref={input}
        class="sr-only"
        type="file"
        accept="image/*"
        capture="environment"
        tabIndex={-1}
        aria-label={t("photo_take")}
        onChange={(event) => {
          void take(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
        data-testid="photo-input"
      />
      {address && (
        <Button icon="refresh" busy={busy} onClick={() => input.current?.click()} data-testid="photo-again">
          {t("photo_again")}
        </Button>
      )}
    </div>
  );
}

function useAddress(photo: Blob | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!photo) {
      setAddress(null);
      return undefined;
    }
    const made = URL.createObjectURL(photo);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [photo]);
  return address;
}
