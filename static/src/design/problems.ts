/** From a problem's `code` (docs/protocol.md) to a sentence that says what happened and what to do. */

import { ApiProblem } from "../core/api";
import { words } from "../core/i18n";

const t = words({
  zh: {
    offline: "网络断开了，请检查网络后再试。",
    timeout: "等待太久没有回应，请再试一次。",
    unavailable: "服务暂时忙不过来，请稍后再试。",
    internal: "出了点问题，我们已经记录下来，请稍后再试。",
    rate_limited: "操作太快了，请稍等片刻再试。",
    too_fast: "说得太快了，请稍等几秒。",
    not_found: "没有找到，可能已被移除。",
    forbidden: "您的账号没有这项权限，请换一个账号登录。",
    origin_refused: "请从本站打开页面后再试。",
    token_missing: "请先登录。",
    token_invalid: "登录已失效，请重新登录。",
    token_expired: "登录已过期，请重新登录。",
    session_ended: "登录已结束，请重新登录。",
    too_large: "文件太大了，请换一个小一些的。",
    unsupported_media_type: "不支持这种文件，请换 JPEG、PNG 或 WebP 图片。",
    invalid_body: "有内容填写不正确，请检查后再试。",
    invalid_query: "链接不完整，请返回重新打开。",
    login_taken: "这个账号名已被使用，请换一个。",
    wrong_password: "账号或密码不对，请再试一次。",
    invite_unknown: "邀请链接无效，请向门店要一个新的。",
    invite_used: "邀请链接已用过，请向门店要一个新的。",
    invite_expired: "邀请链接已过期，请向门店要一个新的。",
    out_of_range: "这个地址超出了门店的配送范围，请换一个更近的地址。",
    sold_out: "刚刚卖完了，看看其他商品吧。",
    store_closed: "附近的门店已打烊，请在营业时间再来。",
    closed: "附近的门店已打烊，请在营业时间再来。",
    price_changed: "价格刚刚有变化，请确认新的总价。",
    card_declined: "银行拒绝了这张卡，请换一张卡。",
    insufficient_funds: "这张卡余额不足，请换一张卡。",
    payment_failed: "支付没有成功，未扣款，请再试一次。",
    wrong_status: "状态已经变化，请看看最新情况。",
    not_live: "直播现在不在进行中。",
    no_picture: "还没有画面。",
    idempotency_mismatch: "这次提交的内容已变化，请重新下单。",
    blocked: "这条消息含有不允许的内容，没有发出。",
    muted: "您暂时被禁言，仍可观看和购买。",
    banned: "您已被禁止进入这场直播。",
    wrong_code: "取货码不对，请核对后再输。",
    wrong_pin: "收货码不对，请向买家核对。",
    code_locked: "输错次数太多，请稍后再试。",
    has_jobs: "还有未完成的配送，完成后才能下线。",
    offer_gone: "这一单已被取走或已过时。",
    denied: "浏览器没有允许获取位置，您可以在地图上选择。",
    insecure: "此连接不能获取位置，您可以在地图上选择。",
    position_unavailable: "暂时无法获取位置，您可以在地图上选择。",
    unknown: "没有成功，请再试一次。",
  },
  en: {
    offline: "You are offline. Check your connection and try again.",
    timeout: "That took too long. Please try again.",
    unavailable: "We are very busy right now. Please try again in a moment.",
    internal: "Something went wrong on our side and has been recorded. Please try again later.",
    rate_limited: "That was too often. Please wait a moment and try again.",
    too_fast: "You are writing too fast. Wait a few seconds.",
    not_found: "We could not find this. It may have been removed.",
    forbidden: "Your account may not do this. Sign in with another one.",
    origin_refused: "Please open this page from our own site and try again.",
    token_missing: "Please sign in first.",
    token_invalid: "Your session is no longer valid. Please sign in again.",
    token_expired: "Your session has expired. Please sign in again.",
    session_ended: "Your session has ended. Please sign in again.",
    too_large: "That file is too large. Choose a smaller one.",
    unsupported_media_type: "That kind of file will not do. Choose a JPEG, PNG or WebP picture.",
    invalid_body: "Something is not filled in correctly. Please check and try again.",
    invalid_query: "This link is incomplete. Go back and open it again.",
    login_taken: "That sign-in name is taken. Choose another one.",
    wrong_password: "Name or password is wrong. Please try again.",
    invite_unknown: "This invitation is not valid. Ask the store for a new one.",
    invite_used: "This invitation was used already. Ask the store for a new one.",
    invite_expired: "This invitation has expired. Ask the store for a new one.",
    out_of_range: "No store delivers to this address. Choose one that is nearer.",
    sold_out: "This has just sold out. Have a look at the other items.",
    store_closed: "The stores near you are closed. Please come back in opening hours.",
    closed: "The stores near you are closed. Please come back in opening hours.",
    price_changed: "The price has just changed. Please confirm the new total.",
    card_declined: "The bank declined this card. Try another card.",
    insufficient_funds: "There is not enough money on this card. Try another card.",
    payment_failed: "The payment did not go through and nothing was charged. Please try again.",
    wrong_status: "The status has changed meanwhile. Please look at the latest.",
    not_live: "This show is not live at the moment.",
    no_picture: "There is no picture yet.",
    idempotency_mismatch: "The order has changed since. Please place it again.",
    blocked: "This message has something in it that is not allowed, so it was not sent.",
    muted: "You are muted for a while. You can still watch and buy.",
    banned: "You have been banned from this show.",
    wrong_code: "That code is wrong. Check it and enter it again.",
    wrong_pin: "That PIN is wrong. Ask the buyer again.",
    code_locked: "Too many wrong tries. Please wait before you try again.",
    has_jobs: "You still have deliveries to finish before you go offline.",
    offer_gone: "This offer is gone.",
    denied: "The browser may not use your position. You can choose it on the map.",
    insecure: "Your position cannot be read over this connection. You can choose it on the map.",
    position_unavailable: "Your position cannot be found right now. You can choose it on the map.",
    unknown: "That did not work. Please try again.",
  },
});

type Code = Parameters<typeof t>[0];

const CODES: ReadonlySet<string> = new Set<Code>([
  "offline", "timeout", "unavailable", "internal", "rate_limited", "too_fast", "not_found", "forbidden", "origin_refused",
  "token_missing", "token_invalid", "token_expired", "session_ended", "too_large", "unsupported_media_type", "invalid_body",
  "invalid_query", "login_taken", "wrong_password", "invite_unknown", "invite_used", "invite_expired", "out_of_range",
  "sold_out", "store_closed", "closed", "price_changed", "card_declined", "insufficient_funds", "payment_failed",
  "wrong_status", "not_live", "no_picture", "idempotency_mismatch", "blocked", "muted", "banned", "wrong_code", "wrong_pin",
  "code_locked", "has_jobs", "offer_gone", "denied", "insecure", "position_unavailable",
]);

/** The sentence for a code; an unknown code gets a general one. */
export function explainCode(code: string): string {
  return t(CODES.has(code) ? (code as Code) : "unknown");
}

/** The code of anything thrown: ours, the API's, or `unknown`. */
export function codeOf(error: unknown): string {
  if (error instanceof ApiProblem) return error.code;
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return error.code === "unavailable" ? "position_unavailable" : error.code;
  }
  return "unknown";
}

/** The sentence for anything thrown. */
export function explain(error: unknown): string {
  return explainCode(codeOf(error));
}
