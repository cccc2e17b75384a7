/** What the console's lists share: loading, failing, being empty, and more. */

import type { ComponentChildren } from "preact";
import { Button } from "../../design/button";
import type { IconName } from "../../design/icons";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import type { Paged } from "./paged";
import { t } from "./text";

interface ListFrameProps<T> {
  /** None: the place it is in has one. */
  title?: string;
  list: Paged<T>;
  emptyIcon: IconName;
  empty: string;
  aside?: ComponentChildren;
  children: (items: T[]) => ComponentChildren;
}

export function ListFrame<T>({ title, list, emptyIcon, empty, aside, children }: ListFrameProps<T>) {
  return (
    <section class="cs-list" aria-label={title}>
      {title && (
        <header class="cs-shows__head">
          <h1>{title}</h1>
          {aside}
        </header>
      )}
      {list.error !== null && <ErrorState error={list.error} onRetry={list.reload} />}
      {list.items === null && list.error === null && [1, 2, 3].map((row) => <Skeleton key={row} height="84px" />)}
      {list.items?.length === 0 && <EmptyState icon={emptyIcon} title={empty} />}
      {list.items !== null && list.items.length > 0 && children(list.items)}
      {list.more && (
        <Button onClick={list.more} data-testid="more">
          {t("more")}
        </Button>
      )}
    </section>
  );
}
