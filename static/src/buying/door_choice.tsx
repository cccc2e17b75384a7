import { TextInput } from "../design/fields";
import { Switch } from "../design/toggles";
import { t as tracking } from "../tracking/text";
import { door, setDoor } from "./door";
import { t } from "./text";

/** Before it is ordered: whether the goods may be put down at the door, and a word for the courier. */
export function DoorChoice({ cash }: { cash: boolean }) {
  const { leave, note } = door.value;
  return (
    <div class="stack buy-door">
      <Switch
        label={tracking("door")}
        {...(cash ? {} : { hint: tracking("door_hint") })}
        checked={leave && !cash}
        disabled={cash}
        onChange={(next) => setDoor({ leave: next })}
        data-testid="door-choice"
      />
      {cash && <p class="small muted">{t("door_cash")}</p>}
      <TextInput
        label={t("door_note")}
        optional={t("optional")}
        placeholder={t("door_note_hint")}
        maxLength={100}
        value={note}
        onValue={(next) => setDoor({ note: next })}
        data-testid="door-note-text"
      />
    </div>
  );
}
