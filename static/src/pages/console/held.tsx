/** Messages that a rule holds back until somebody has looked. */

import { useEffect } from "preact/hooks";
import { post } from "../../core/api";
import { when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { HeldMessage } from "../../core/types_console";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import type { ConsoleState } from "./console_state";
import { ListFrame } from "./list_frame";
import { usePaged } from "./paged";
import { t } from "./text";

export function Held({ state }: { state: ConsoleState }) {
  const list = usePaged<HeldMessage>("/api/console/held");
  const last = state.lastHeld.value;
  useEffect(() => {
    if (last) list.change((old) => [...old.filter((one) => one.id !== last.id), last]);
  }, [last]);
  const decide = async (message: HeldMessage, release: boolean) => {
    try {
      await post(`/api/console/held/${message.id}`, { release });
      list.change((old) => old.filter((one) => one.id !== message.id));
      state.waiting.value = Math.max(0, state.waiting.value - 1);
    } catch (error) {
      toast(problemText(error), "bad");
    }
  };
  return (
    <ListFrame title={t("held")} list={list} emptyIcon="eye" empty={t("none_held")}>
      {(items) => (
        <ul class="cs-rows">
          {items.map((message) => (
            <li key={message.id} class="cs-row" data-testid={`held-${message.id}`}>
              <div class="cs-row__main">
                <p class="cs-row__facts">
                  <span class="num">{when(message.at)}</span>
                  <a href={`#shows/${message.show_id}`}>{t("in_show", { show: message.show_title })}</a>
                  {message.matches.map((match) => {
                    const word = typeof match === "string" ? match : match.pattern;
                    return (
                      <Badge key={word} tone="warn">
                        {word}
                      </Badge>
                    );
                  })}
                </p>
                <blockquote class="cs-quote">
                  <b>{typeof message.author === "string" ? message.author : message.author.name} </b>
                  {message.text}
                </blockquote>
              </div>
              <div class="cs-row__actions">
                <Button size="s" onClick={() => void decide(message, false)} data-testid="held-drop">
                  {t("drop")}
                </Button>
                <Button size="s" variant="primary" onClick={() => void decide(message, true)} data-testid="held-release">
                  {t("release")}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </ListFrame>
  );
}
