/** Making or changing a show: title, time, cover. */

import { useEffect, useState } from "preact/hooks";
import { patch, post, put } from "../../core/api";
import { problemText } from "../../core/problems";
import type { Show } from "../../core/types";
import { Button } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Sheet } from "../../design/sheet";
import { Choice } from "../../design/toggles";
import { t } from "./text";

const MAX_COVER = 2 * 1024 * 1024;

export interface ShowFormProps {
  show: Show | "new" | null;
  onClose: () => void;
  onSaved: (show: Show) => void;
}

/** A time in the form that <input type="datetime-local"> has, in this machine's zone. */
function localTime(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

export function ShowForm({ show, onClose, onSaved }: ShowFormProps) {
  const old = show === "new" ? null : show;
  const [title, setTitle] = useState("");
  const [timing, setTiming] = useState<"now" | "later">("now");
  const [time, setTime] = useState("");
  const [cover, setCover] = useState<{ file: File; url: string } | null>(null);
  const [errors, setErrors] = useState<{ title?: string; time?: string; cover?: string; form?: string }>({});
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (show === null) return;
    setTitle(old?.title ?? "");
    setTiming(old?.scheduled_at ? "later" : "now");
    setTime(localTime(old?.scheduled_at ? new Date(old.scheduled_at) : new Date(Date.now() + 3_600_000)));
    setCover(null);
    setErrors({});
    setBusy(false);
  }, [show]);
  useEffect(() => () => void (cover && URL.revokeObjectURL(cover.url)), [cover]);

  const choose = (file: File | undefined) => {
    if (!file) return;
    const tooLarge = file.size > MAX_COVER;
    setErrors((all) => ({ ...all, cover: tooLarge ? t("cover_too_large") : undefined }));
    if (!tooLarge) setCover({ file, url: URL.createObjectURL(file) });
  };

  const save = async () => {
    const at = timing === "later" ? new Date(time) : null;
    const wrong: typeof errors = {};
    if (title.trim() === "") wrong.title = t("required");
    if (at && !(at.getTime() > Date.now())) wrong.time = t("time_past");
    setErrors(wrong);
    if (wrong.title || wrong.time) return;
    setBusy(true);
    const scheduled = at?.toISOString() ?? null;
    try {
      let saved: Show;
      if (old) {
        saved = await patch<Show>(`/api/shows/${old.id}`, { title: title.trim(), scheduled_at: scheduled });
      } else {
        const body = scheduled ? { title: title.trim(), scheduled_at: scheduled } : { title: title.trim() };
        saved = await post<Show>("/api/shows", body);
      }
      if (cover) saved = await put<Show>(`/api/shows/${saved.id}/cover`, cover.file, { timeout: 60_000 });
      onSaved(saved);
    } catch (failure) {
      setErrors({ form: problemText(failure) });
    } finally {
      setBusy(false);
    }
  };

  const picture = cover?.url ?? old?.cover_url ?? null;
  return (
    <Sheet
      open={show !== null}
      title={old ? t("edit") : t("new_show")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      footer={
        <Button variant="primary" size="l" wide busy={busy} onClick={() => void save()} data-testid="create-show">
          {old ? t("save") : timing === "now" ? t("create_go") : t("create")}
        </Button>
      }
    >
      <form
        class="stack st-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextInput
          label={t("show_title")}
          hint={t("show_title_hint")}
          error={errors.title}
          value={title}
          onValue={setTitle}
          maxLength={60}
          data-testid="show-title"
        />
        <div class="w-setting">
          <span class="w-setting__label">{t("when")}</span>
          <Choice
            label={t("when")}
            value={timing}
            options={[
              { value: "now", label: t("now"), icon: "broadcast" },
              { value: "later", label: t("later"), icon: "calendar" },
            ]}
            onChange={setTiming}
          />
        </div>
        {timing === "later" && (
          <TextInput
            label={t("start_time")}
            error={errors.time}
            type="datetime-local"
            value={time}
            onValue={setTime}
            data-testid="show-time"
          />
        )}
        <div class="w-setting">
          <span class="w-setting__label">{t("cover")}</span>
          <label class="st-cover">
            <span class="st-cover__picture">
              {picture ? <img src={picture} alt="" /> : <Icon name="image" size={28} />}
            </span>
            <span class="grow">
              <span class="st-cover__action">{picture ? t("cover_change") : t("cover_choose")}</span>
              <span class="muted small">{t("cover_hint")}</span>
            </span>
            <input
              class="sr-only"
              type="file"
              accept="image/jpeg,image/png,image/webp"
              onChange={(event) => choose(event.currentTarget.files?.[0])}
              data-testid="show-cover"
            />
          </label>
          {errors.cover && (
            <p class="st-wrong" role="alert">
              {errors.cover}
            </p>
          )}
        </div>
        <p class="st-wrong" role="alert">
          {errors.form}
        </p>
      </form>
    </Sheet>
  );
}
