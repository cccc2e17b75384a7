// Runs before the first paint (a classic script in <head>): language and theme, so that nothing flashes or jumps.
// The keys and rules are those of i18n.ts and page.ts.
const root = document.documentElement;

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const language = stored("nearlive.lang") ?? navigator.language;
root.lang = language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";

const theme = stored("nearlive.theme");
const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
root.dataset.theme = dark ? "dark" : "light";
