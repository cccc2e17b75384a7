/** The frame of the pages before one is signed in: the form, and on wide screens what Nearlive is. */

import type { ComponentChildren } from "preact";
import { lang } from "../../core/i18n";
import { otherLang } from "../../core/page";
import { Button } from "../../design/button";
import { Wordmark } from "../../design/icons";
import { Toasts } from "../../design/toast";
import "../../work/work.css";
import "./sign-in.css";
import { t } from "./text";

export function Frame({ children }: { children: ComponentChildren }) {
  return (
    <div class="si-frame">
      <aside class="si-aside">
        <div class="si-aside__in">
          <p class="si-aside__title">{t("aside_title")}</p>
          <p class="si-aside__text">{t("aside_text")}</p>
        </div>
        <div class="si-aside__art" aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      </aside>
      <div class="si-side">
        <header class="si-head">
          <a href="/" class="si-home" aria-label="Nearlive">
            <Wordmark />
          </a>
          <Button variant="quiet" size="s" icon="globe" onClick={otherLang} data-testid="other-lang">
            {lang.value === "zh" ? "English" : "中文"}
          </Button>
        </header>
        <main class="si-main">{children}</main>
      </div>
      <Toasts />
    </div>
  );
}
