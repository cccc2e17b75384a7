/** Who is a member of the shop; finding somebody, and saying what they are. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get, put } from "../../core/api";
import { problemText } from "../../core/problems";
import type { Member } from "../../core/types_offers";
import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { Avatar, Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { SETTLED } from "./paged";
import { o } from "./promotions_text";
import { t } from "./text";

const LEVELS = ["member", "silver", "gold"] as const;
const LEVEL = /^[a-z][a-z0-9_-]{0,31}$/;

interface Found {
  items: Member[];
  next: string | null;
}

function levelName(level: string | null): string {
  if (level === null) return o("level_none");
  const known = LEVELS.find((one) => one === level);
  return known ? o(`l_${known}`) : level;
}

export function Members() {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [setting, setSetting] = useState<Member | null>(null);
  const asked = useRef<AbortController | null>(null);
  const q = text.trim();
  const load = async (after: string | null) => {
    asked.current?.abort();
    const { signal } = (asked.current = new AbortController());
    setError(null);
    try {
      const page = await get<Found>("/api/console/people", { q, members: q === "", after: after ?? "" }, { signal });
      setFound((old) => (after !== null && old ? { items: [...old.items, ...page.items], next: page.next } : page));
    } catch (failure) {
      if (!signal.aborted) setError(failure);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => void load(null), found === null ? 0 : SETTLED);
    return () => clearTimeout(timer);
  }, [q]);
  useEffect(() => () => asked.current?.abort(), []);
  return (
    <>
      <TextInput
        label={o("find_people")}
        hint={o("find_people_hint")}
        type="search"
        enterkeyhint="search"
        autocapitalize="off"
        spellcheck={false}
        start={<Icon name="search" size={20} />}
        value={text}
        maxLength={100}
        onValue={setText}
        class="pm-search"
        data-testid="people-search"
      />
      {error !== null && <ErrorState error={error} onRetry={() => void load(null)} />}
      {found === null && error === null && [1, 2, 3].map((row) => <Skeleton key={row} height="72px" />)}
      {found?.items.length === 0 &&
        (q === "" ? (
          <EmptyState icon="users" title={o("none_members")} text={o("none_members_text")} />
        ) : (
          <EmptyState icon="search" title={o("nobody")} text={o("nobody_text")} />
        ))}
      {found !== null && found.items.length > 0 && (
        <>
          <h2 class="pm-sub">{o(q === "" ? "all_members" : "found")}</h2>
          <ul class="cs-rows" aria-live="polite">
            {found.items.map((person) => (
              <Row key={person.id} person={person} onSet={() => setSetting(person)} />
            ))}
          </ul>
        </>
      )}
      {found?.next && (
        <Button onClick={() => void load(found.next)} data-testid="more">
          {t("more")}
        </Button>
      )}
      {setting !== null && (
        <LevelDialog
          person={setting}
          onClose={() => setSetting(null)}
          onSet={(person) => {
            setSetting(null);
            // One who is none any more stays in the list till it is looked at anew: a slip is put right at once.
            setFound((old) => old && { ...old, items: old.items.map((one) => (one.id === person.id ? person : one)) });
            toast(o("saved", { name: person.name, level: levelName(person.membership) }), "good");
          }}
        />
      )}
    </>
  );
}

function Row({ person, onSet }: { person: Member; onSet: () => void }) {
  const { role, membership } = person;
  return (
    <li class="cs-row cs-row--slim" data-testid={`person-${person.login ?? person.id}`}>
      <Avatar name={person.name} />
      <div class="cs-row__main">
        <p class="pm-person">
          <b>{person.name}</b>
          {role === "guest" && <Badge>{o("guest")}</Badge>}
          {role !== "guest" && role !== "member" && <Badge>{o(`r_${role}`)}</Badge>}
          {membership !== null && (
            <Badge tone="accent" icon="star" data-testid="person-level">
              {levelName(membership)}
            </Badge>
          )}
        </p>
        <p class="muted small pm-person__id">{[person.login, person.id].filter(Boolean).join(" · ")}</p>
      </div>
      <Button size="s" onClick={onSet} aria-label={`${o("set_level")}: ${person.name}`} data-testid="set-level">
        {o("set_level")}
      </Button>
    </li>
  );
}

type Chosen = "none" | (typeof LEVELS)[number] | "other";

function LevelDialog({ person, onClose, onSet }: { person: Member; onClose: () => void; onSet: (person: Member) => void }) {
  const now = person.membership;
  const [chosen, setChosen] = useState<Chosen>(now === null ? "none" : (LEVELS.find((one) => one === now) ?? "other"));
  const [name, setName] = useState(chosen === "other" && now !== null ? now : "");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const level = chosen === "none" ? null : chosen === "other" ? name.trim() : chosen;
  const save = async () => {
    if (busy) return;
    if (level !== null && !LEVEL.test(level)) return setError(o("bad_level"));
    setBusy(true);
    setError(null);
    try {
      onSet(await put<Member>(`/api/console/people/${person.id}/membership`, { level }));
    } catch (failure) {
      setError(problemText(failure));
      setBusy(false);
    }
  };
  const options: { value: Chosen; label: string }[] = [
    { value: "none", label: o("level_none") },
    ...LEVELS.map((value) => ({ value, label: o(`l_${value}`) })),
    { value: "other", label: o("level_other") },
  ];
  return (
    <Dialog
      open
      title={o("level_of", { name: person.name })}
      onClose={onClose}
      data-testid="level-dialog"
      actions={
        <>
          <Button onClick={onClose} disabled={busy}>
            {o("cancel")}
          </Button>
          <Button variant="primary" busy={busy} onClick={() => void save()} data-testid="level-save">
            {o("save")}
          </Button>
        </>
      }
    >
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p>{o("level_text")}</p>
        <Choice label={o("level")} look="chips" value={chosen} options={options} onChange={setChosen} />
        {chosen === "other" ? (
          <TextInput
            label={o("level_name")}
            hint={o("level_name_hint")}
            error={error}
            autocapitalize="off"
            spellcheck={false}
            value={name}
            maxLength={32}
            onValue={(typed) => {
              setName(typed.toLowerCase());
              setError(null);
            }}
            data-testid="level-name"
          />
        ) : (
          error !== null && (
            <p class="pm-error" role="alert">
              {error}
            </p>
          )
        )}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
