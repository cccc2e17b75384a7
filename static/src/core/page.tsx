/** Starts a page: session, title, theme, language, and a last resort when drawing fails. */

import { effect, signal } from "@preact/signals";
import { Component, render } from "preact";
import type { ComponentChildren, ComponentType } from "preact";
import { lang, locale, setLang, words } from "./i18n";

export type Theme = "auto" | "light" | "dark";

const THEME = "nearlive.theme";

const storedTheme = localStorage.getItem(THEME);
export const theme = signal<Theme>(storedTheme === "light" || storedTheme === "dark" ? storedTheme : "auto");

export function setTheme(next: Theme): void {
  theme.value = next;
  if (next === "auto") localStorage.removeItem(THEME);
  else localStorage.setItem(THEME, next);
}

/** Draws `App` into the page. `title` is called again when the language changes. */
export function mount(App: ComponentType, title: () => string): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const system = signal(dark.matches);
  dark.addEventListener("change", () => (system.value = dark.matches));
  effect(() => {
    const isDark = theme.value === "dark" || (theme.value === "auto" && system.value);
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    const background = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
    if (background) document.querySelector('meta[name="theme-color"]')?.setAttribute("content", background);
  });
  effect(() => {
    document.documentElement.lang = locale();
    document.title = title();
  });
  addEventListener("storage", (event) => {
    if (event.key === "nearlive.lang" && (event.newValue === "zh" || event.newValue === "en")) setLang(event.newValue);
  });
  const root = document.getElementById("app");
  if (root) {
    render(
      <ErrorBoundary>
        <App />
      </ErrorBoundary>,
      root,
    );
  }
}

export function otherLang(): void {
  setLang(lang.value === "zh" ? "en" : "zh");
}

const t = words({
  zh: { broken: "页面出了点问题", reload: "重新载入" },
  en: { broken: "Something went wrong on this page", reload: "Reload" },
});

class ErrorBoundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: unknown): void {
    reportError(error);
  }

  override render(): ComponentChildren {
    if (!this.state.failed) return this.props.children;
    return (
      <main class="page-broken">
        <div role="alert">
          <h1>{t("broken")}</h1>
        </div>
        <button type="button" class="n-button n-button--primary" onClick={() => location.reload()}>
          {t("reload")}
        </button>
      </main>
    );
  }
}
