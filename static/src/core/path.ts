/** The part of this page's path after its name: `shw_1` of `/watch/shw_1`; as it stands when it is no proper UTF-8. */
export function pathId(): string {
  const raw = location.pathname.split("/")[2] ?? "";
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
