import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { CouponsSheet } from "../buying/coupon_wallet";
import { isOver, orders } from "../buying/my_orders";
import { lang } from "../core/i18n";
import { otherLang, setTheme } from "../core/page";
import { Button, IconButton } from "../design/button";
import { Wordmark } from "../design/icons";
import { TopBar } from "../design/rows";
import { AccountSheet } from "./account_sheet";
import { OrdersSheet } from "./orders_sheet";
import { t } from "./text";
import "./site.css";

function isDark(): boolean {
  return document.documentElement.dataset["theme"] === "dark";
}

/** The bar of the buyer's pages: the name, the orders, language, theme, and who one is. */
export function SiteBar({ children, start }: { children?: ComponentChildren; start?: ComponentChildren }) {
  const [listing, setListing] = useState(false);
  const [account, setAccount] = useState(false);
  const [coupons, setCoupons] = useState(false);
  const [dark, setDark] = useState(isDark);
  const open = [...orders.value.values()].filter((order) => !isOver(order)).length;
  return (
    <>
      <TopBar
        class="site-bar"
        start={
          <>
            {start}
            <a href="/" aria-label={`Nearlive · ${t("home")}`}>
              <Wordmark />
            </a>
          </>
        }
        title={children}
        end={
          <>
            <IconButton icon="receipt" label={t("orders")} count={open} onClick={() => setListing(true)} data-testid="orders-button" />
            <IconButton
              icon={dark ? "sun" : "moon"}
              label={dark ? t("light") : t("dark")}
              class="site-bar__theme"
              data-testid="theme-button"
              onClick={() => {
                setTheme(dark ? "light" : "dark");
                setDark(!dark);
              }}
            />
            <Button variant="quiet" class="site-bar__lang" onClick={otherLang} lang={lang.value === "zh" ? "en" : "zh-CN"} data-testid="other-lang">
              {lang.value === "zh" ? "EN" : "中文"}
            </Button>
            <IconButton icon="user" label={t("account")} onClick={() => setAccount(true)} data-testid="account-button" />
          </>
        }
      />
      <OrdersSheet open={listing} onClose={() => setListing(false)} />
      <AccountSheet
        open={account}
        onClose={() => setAccount(false)}
        onCoupons={() => {
          setAccount(false);
          setCoupons(true);
        }}
      />
      <CouponsSheet open={coupons} onClose={() => setCoupons(false)} />
    </>
  );
}
