import { signal } from "@preact/signals";

const query = matchMedia("(min-width: 900px)");
const wide = signal(query.matches);
query.addEventListener("change", () => (wide.value = query.matches));

/** Whether the window has room for the three columns. */
export function useWide(): boolean {
  return wide.value;
}
