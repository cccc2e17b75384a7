import { words } from "../../core/i18n";

export const t = words({
  zh: { title: "订单", not_found: "没有找到这个订单", not_found_text: "如果是你的订单，请登录下单时的账号。", not_loaded: "订单暂时打不开", sign_in: "登录", home: "看看附近直播", watch: "回到直播" },
  en: { title: "Order", not_found: "We could not find this order", not_found_text: "If it is yours, sign in with the account that placed it.", not_loaded: "The order could not be opened", sign_in: "Sign in", home: "See shows near you", watch: "Back to the show" },
});
