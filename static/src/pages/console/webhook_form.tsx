/** A new webhook: where to, and of what. */

import { useState } from "preact/hooks";
import { post } from "../../core/api";
import { problemText } from "../../core/problems";
import type { Webhook } from "../../core/types_console";
import { Button } from "../../design/button";
import { TextInput } from "../../design/fields";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { w } from "./webhooks_text";

export function NewWebhook({ events, onAdded }: { events: string[]; onAdded: (made: Webhook) => void }) {
  const [url, setUrl] = useState("");
  const [note, setNote] = useState("");
  const [which, setWhich] = useState<"all" | "some">("all");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<string | null>(null);
  const [lacking, setLacking] = useState(false);
  const [busy, setBusy] = useState(false);
  const add = async (event: Event) => {
    event.preventDefault();
    setError(url.trim() === "" ? w("required") : null);
    setLacking(which === "some" && chosen.size === 0);
    if (url.trim() === "" || (which === "some" && chosen.size === 0)) return;
    setBusy(true);
    try {
      const wanted = which === "all" ? [] : [...chosen];
      onAdded(await post<Webhook>("/api/webhooks", { url: url.trim(), note: note.trim(), events: wanted }));
      setUrl("");
      setNote("");
      setWhich("all");
      setChosen(new Set());
      toast(w("added"), "good");
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  const turn = (name: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(name);
    else next.delete(name);
    setChosen(next);
    setLacking(false);
  };
  return (
    <form class="cs-form stack" noValidate onSubmit={(event) => void add(event)}>
      <h2>{w("add")}</h2>
      <TextInput
        label={w("url")}
        hint={w("url_hint")}
        error={error}
        type="url"
        inputMode="url"
        autocapitalize="off"
        spellcheck={false}
        placeholder="https://"
        maxLength={2000}
        value={url}
        onValue={(value) => {
          setUrl(value);
          setError(null);
        }}
        data-testid="webhook-url"
      />
      <TextInput label={w("note")} optional={w("optional")} maxLength={200} value={note} onValue={setNote} data-testid="webhook-note" />
      <div class="n-field">
        <span class="n-field__label">{w("events")}</span>
        <Choice
          label={w("events")}
          value={which}
          options={[
            { value: "all", label: w("all_events") },
            { value: "some", label: w("some_events") },
          ]}
          onChange={setWhich}
        />
      </div>
      {which === "some" && (
        <fieldset class="cs-hook__events" aria-describedby={lacking ? "webhook-choose" : undefined}>
          <legend class="sr-only">{w("events")}</legend>
          {lacking && (
            <p class="cs-hook__lacking small" id="webhook-choose" role="alert">
              {w("choose")}
            </p>
          )}
          {events.map((name) => (
            <label key={name} class="cs-hook__event">
              <input type="checkbox" checked={chosen.has(name)} onChange={(e) => turn(name, e.currentTarget.checked)} />
              <code>{name}</code>
            </label>
          ))}
        </fieldset>
      )}
      <Button type="submit" variant="primary" busy={busy} data-testid="webhook-add">
        {w("add")}
      </Button>
    </form>
  );
}
