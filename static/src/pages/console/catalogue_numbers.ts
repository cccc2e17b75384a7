/** Figures that people type: money, and the numbers under a barcode. */

const MONEY = /^(\d{1,7})(?:[.．](\d{1,2}))?$/;

/** "59.9" → 5990; null for what is no price. */
export function minorOf(text: string): number | null {
  const found = MONEY.exec(text.trim().replace(/^[¥￥]\s*/, ""));
  if (!found) return null;
  const minor = Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
  return minor > 0 && minor <= 100_000_000 ? minor : null;
}

/** 5990 → "59.90", 5900 → "59"; "" for no price. */
export function moneyText(minor: number | null): string {
  if (minor === null) return "";
  return minor % 100 === 0 ? String(minor / 100) : (minor / 100).toFixed(2);
}

/** What the last figure of a GTIN has to be, given all before it (GS1 General Specifications, 7.9). */
export function checkDigit(figures: string): number {
  let sum = 0;
  for (let place = 0; place < figures.length; place += 1) sum += Number(figures[figures.length - 1 - place]) * (place % 2 === 0 ? 3 : 1);
  return (10 - (sum % 10)) % 10;
}

export type BarcodeFault = { kind: "figures" | "length" } | { kind: "check"; right: string };

/** What is wrong with a barcode, null if nothing is, or there is none. */
export function barcodeFault(code: string): BarcodeFault | null {
  if (code === "") return null;
  if (!/^\d+$/.test(code)) return { kind: "figures" };
  if (![8, 12, 13, 14].includes(code.length)) return { kind: "length" };
  const right = code.slice(0, -1) + String(checkDigit(code.slice(0, -1)));
  return right === code ? null : { kind: "check", right };
}
