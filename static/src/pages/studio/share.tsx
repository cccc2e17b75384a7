/** Links into a show: one for everybody, and one for each customer whom the associate serves in person. */

import { useEffect, useState } from "preact/hooks";
import { del, get, post } from "../../core/api";
import { when, words } from "../../core/i18n";
import type { Show } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Badge } from "../../design/labels";
import { ProblemNote } from "../../design/notices";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";

const s = words({
  zh: {
    share: "分享",
    all: "给所有人",
    all_text: "朋友圈、群里都可以发。",
    all_button: "分享链接",
    one: "一对一专属链接",
    one_text: "每位顾客一个。第一个打开的人就是这位顾客，TA 的购买会记成一对一。",
    name: "给谁",
    name_hint: "只有你看得到",
    name_missing: "写一下是给谁的",
    make: "生成链接",
    waits: "还没打开",
    until: "{when} 前有效",
    followed: "{when} 打开",
    copy: "复制给 {name} 的链接",
    remove: "收回给 {name} 的链接",
    copied: "链接已复制",
    made: "给 {name} 的链接已生成",
  },
  en: {
    share: "Share",
    all: "For everybody",
    all_text: "Post it wherever you like.",
    all_button: "Share the link",
    one: "A link for one customer",
    one_text: "One for each. Who opens it first is that customer, and what they buy counts as served one to one.",
    name: "Who is it for",
    name_hint: "Only you see this",
    name_missing: "Say who it is for",
    make: "Make the link",
    waits: "Not opened yet",
    until: "Good until {when}",
    followed: "Opened {when}",
    copy: "Copy the link for {name}",
    remove: "Take back the link for {name}",
    copied: "Link copied",
    made: "The link for {name} is ready",
  },
});

interface PersonalLink {
  id: string;
  name: string;
  made_at: string;
  until: string;
  followed_at: string | null;
}

/** To whom the person wants to send it; copied where the machine cannot send. */
async function pass(show: Show, query: string): Promise<void> {
  const url = `${location.origin}/watch/${show.id}?${query}`;
  try {
    if (navigator.share) await navigator.share({ title: show.title, url });
    else {
      await navigator.clipboard.writeText(url);
      toast(s("copied"), "good");
    }
  } catch {
    // The person closed the share sheet.
  }
}

export function ShareSheet({ show, open, onClose }: { show: Show; open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} title={s("share")} onClose={onClose} data-testid="share-sheet">
      {open && (
        <div class="stack st-share">
          <section class="stack">
            <h3>{s("all")}</h3>
            <p class="muted small">{s("all_text")}</p>
            <Button wide icon="share" onClick={() => void pass(show, `via=${show.associate.id}`)} data-testid="share-all">
              {s("all_button")}
            </Button>
          </section>
          <Personal show={show} />
        </div>
      )}
    </Sheet>
  );
}

function Personal({ show }: { show: Show }) {
  const path = `/api/shows/${show.id}/links`;
  const [links, setLinks] = useState<PersonalLink[]>([]);
  const [name, setName] = useState("");
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    get<{ items: PersonalLink[] }>(path).then(({ items }) => setLinks(items), setError);
  }, [show.id]);

  async function make(event: Event): Promise<void> {
    event.preventDefault();
    const whom = name.trim();
    setMissing(whom === "");
    if (whom === "") return;
    setBusy(true);
    setError(null);
    try {
      const link = await post<PersonalLink>(path, { name: whom });
      setLinks((old) => [link, ...old]);
      setName("");
      toast(s("made", { name: whom }), "good");
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  async function remove(link: PersonalLink): Promise<void> {
    setError(null);
    try {
      await del(`${path}/${link.id}`);
      setLinks((old) => old.filter((one) => one.id !== link.id));
    } catch (problem) {
      setError(problem);
    }
  }

  return (
    <section class="stack">
      <h3>{s("one")}</h3>
      <p class="muted small">{s("one_text")}</p>
      <form class="stack" onSubmit={(event) => void make(event)}>
        <TextInput
          label={s("name")}
          hint={s("name_hint")}
          error={missing ? s("name_missing") : null}
          value={name}
          maxLength={60}
          onValue={(value) => {
            setName(value);
            setMissing(false);
          }}
          data-testid="link-name"
        />
        <Button type="submit" variant="primary" wide icon="plus" busy={busy} data-testid="link-make">
          {s("make")}
        </Button>
      </form>
      <ProblemNote error={error} />
      {links.length > 0 && (
        <ul class="st-entries">
          {links.map((link) => (
            <li key={link.id} class="st-entry" data-testid="personal-link" data-link={link.id}>
              <div>
                <p>
                  {link.name}
                  {link.followed_at === null && <Badge tone="warn">{s("waits")}</Badge>}
                </p>
                <p class="muted small num">{link.followed_at ? s("followed", { when: when(link.followed_at) }) : s("until", { when: when(link.until) })}</p>
              </div>
              {link.followed_at === null && (
                <span class="row">
                  <IconButton icon="share" label={s("copy", { name: link.name })} onClick={() => void pass(show, `to=${link.id}`)} data-testid="link-copy" />
                  <IconButton icon="trash" label={s("remove", { name: link.name })} onClick={() => void remove(link)} data-testid="link-remove" />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
