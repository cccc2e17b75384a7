import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { ApiProblem } from "../core/api";
import { problemText } from "../core/problems";
import { rename } from "../core/session";
import type { User } from "../core/types";
import { Button, IconButton } from "../design/button";
import { TextInput } from "../design/fields";
import { Avatar } from "../design/labels";
import { Row } from "../design/rows";
import { toast } from "../design/toast";
import { t } from "./text";

/** As when signing up. */
const LONGEST = 24;

/** Who one is, and the name that others see in chat: to change. */
export function NameRow({ me, note }: { me: User; note: string | null }) {
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const edited = useRef(false);
  useEffect(() => {
    if (edited.current && !editing) button.current?.focus();
    edited.current = editing;
  }, [editing]);

  if (editing) return <NameForm name={me.name} onDone={() => setEditing(false)} />;
  return (
    <Row
      start={<Avatar name={me.name} size={52} />}
      title={<span data-testid="my-name">{me.name}</span>}
      note={note}
      end={<IconButton icon="edit" label={t("rename")} size={20} buttonRef={button} onClick={() => setEditing(true)} data-testid="rename" />}
    />
  );
}

function NameForm({ name, onDone }: { name: string; onDone: () => void }) {
  const [value, setValue] = useState(name);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.select(), []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const wanted = value.trim();
    if (wanted === name) return onDone();
    if (wanted === "") return refuse(t("name_missing"));
    setBusy(true);
    try {
      await rename(wanted);
      toast(t("renamed"), "good");
      onDone();
    } catch (error) {
      setBusy(false);
      refuse(error instanceof ApiProblem && error.field === "name" ? t("name_refused") : problemText(error));
    }
  }

  function refuse(why: string): void {
    setFault(why);
    input.current?.focus();
  }

  return (
    <form class="stack site-name" onSubmit={(event) => void submit(event)} noValidate>
      <TextInput
        label={t("chat_name")}
        hint={t("chat_name_hint")}
        error={fault}
        value={value}
        onValue={(next) => {
          setValue(next);
          setFault(null);
        }}
        maxLength={LONGEST}
        autocomplete="nickname"
        enterkeyhint="done"
        controlRef={input}
        data-testid="name-input"
      />
      <div class="site-account__pair">
        <Button onClick={onDone} disabled={busy}>
          {t("cancel")}
        </Button>
        <Button type="submit" variant="primary" busy={busy} data-testid="name-save">
          {t("save")}
        </Button>
      </div>
    </form>
  );
}
