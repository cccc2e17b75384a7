/** Stores, products and files of the catalogue: for admins. */

import { Tabs } from "../../design/toggles";
import { CatalogueFiles } from "./catalogue_files";
import { CatalogueProducts } from "./catalogue_products";
import { CatalogueStores } from "./catalogue_stores";
import { c } from "./catalogue_text";
import "./catalogue.css";
import "./catalogue_editor.css";

const PARTS = ["stores", "products", "files"] as const;
export type CataloguePart = (typeof PARTS)[number];

export function partOf(name: string | undefined): CataloguePart {
  return PARTS.find((one) => one === name) ?? "stores";
}

export function Catalogue({ part }: { part: CataloguePart }) {
  return (
    <section class="ct" aria-label={c("catalogue")}>
      <h1 class="sr-only">{c("catalogue")}</h1>
      <Tabs
        label={c("catalogue")}
        value={part}
        items={PARTS.map((value) => ({ value, label: c(value) }))}
        onChange={(value) => (location.hash = `#catalogue/${value}`)}
      />
      <div role="tabpanel" aria-label={c(part)}>
        {part === "stores" && <CatalogueStores />}
        {part === "products" && <CatalogueProducts />}
        {part === "files" && <CatalogueFiles />}
      </div>
    </section>
  );
}
