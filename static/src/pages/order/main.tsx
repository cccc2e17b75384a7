import { useEffect, useState } from "preact/hooks";

import { followMe, isOver, loadOrder, orders } from "../../buying/my_orders";
import { OrderView } from "../../buying/order_view";
import { Payment } from "../../buying/payment";
import { when } from "../../core/i18n";
import { mount } from "../../core/page";
import { pathId } from "../../core/path";
import { isMissing, problemCode } from "../../core/problems";
import { startSession } from "../../core/session";
import { ButtonLink } from "../../design/button";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { Toasts } from "../../design/toast";
import { SiteBar } from "../../site/site_bar";
import "./order.css";
import { t } from "./text";

const id = pathId();
/** Events come by the socket; this only catches what a broken one has missed (ms). */
const RELOAD = 30_000;

function OrderPage() {
  const [error, setError] = useState<unknown>(null);
  const [stranger, setStranger] = useState(false);
  const order = orders.value.get(id);

  async function load(): Promise<void> {
    setError(null);
    try {
      const user = await startSession({ guests: false });
      if (user === null) {
        setStranger(true);
        return;
      }
      followMe();
      await loadOrder(id);
    } catch (problem) {
      setError(problem);
    }
  }

  useEffect(() => {
    void load();
    const timer = setInterval(() => {
      const known = orders.peek().get(id);
      if (known && !isOver(known) && !document.hidden) void loadOrder(id).catch(() => undefined);
    }, RELOAD);
    return () => clearInterval(timer);
  }, []);

  const foreign = stranger || isMissing(error) || problemCode(error) === "forbidden";
  return (
    <>
      <SiteBar />
      <main class="page order-page">
        {order ? (
          <>
            <header class="order-page__head">
              <h1>
                <span class="num" data-testid="order-number">
                  {order.number}
                </span>
              </h1>
              <p class="muted num">{when(order.placed_at)}</p>
              {order.show_id && (
                <ButtonLink size="s" icon="play" href={`/watch/${order.show_id}`}>
                  {t("watch")}
                </ButtonLink>
              )}
            </header>
            {order.status === "placed" && <Payment order={order} />}
            <OrderView order={order} />
          </>
        ) : foreign ? (
          <EmptyState
            heading="h1"
            icon="receipt"
            title={t("not_found")}
            text={t("not_found_text")}
            action={
              <>
                <ButtonLink variant="inverse" href={`/sign-in?next=${encodeURIComponent(location.pathname)}`}>
                  {t("sign_in")}
                </ButtonLink>
                <ButtonLink href="/">{t("home")}</ButtonLink>
              </>
            }
          />
        ) : error !== null ? (
          <ErrorState heading="h1" title={t("not_loaded")} error={error} onRetry={() => void load()} />
        ) : (
          <div class="stack" aria-busy="true">
            <Skeleton width="180px" height="40px" />
            <Skeleton height="80px" />
            <Skeleton height="300px" />
          </div>
        )}
      </main>
      <Toasts />
    </>
  );
}

mount(OrderPage, () => `${t("title")} ${orders.value.get(id)?.number ?? ""} · Nearlive`);
