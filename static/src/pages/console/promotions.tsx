/** Coupons, flash sales and members: what makes things cheaper, for whom. */

import { Tabs } from "../../design/toggles";
import { Coupons } from "./promotions_coupons";
import { FlashSales } from "./promotions_flash";
import { Members } from "./promotions_members";
import { o } from "./promotions_text";
import "./promotions.css";

const PARTS = ["coupons", "flash", "members"] as const;
type Part = (typeof PARTS)[number];

/** `name` is what the address says after `#promotions/`. */
export function Promotions({ name }: { name: string | undefined }) {
  const part: Part = PARTS.find((one) => one === name) ?? "coupons";
  return (
    <section class="pm" aria-label={o("nav")}>
      <h1 class="sr-only">{o("nav")}</h1>
      <Tabs
        label={o("nav")}
        value={part}
        items={PARTS.map((value) => ({ value, label: o(value) }))}
        onChange={(value) => (location.hash = `#promotions/${value}`)}
      />
      <div role="tabpanel" aria-label={o(part)}>
        {part === "coupons" && <Coupons />}
        {part === "flash" && <FlashSales />}
        {part === "members" && <Members />}
      </div>
    </section>
  );
}
