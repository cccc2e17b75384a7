/** What a refusal means to a person, and what to do about it. Codes are those of docs/protocol.md. */

import { ApiProblem } from "./api";
import { lang } from "./i18n";

const SENTENCES: Record<string, readonly [zh: string, en: string]> = {
  // connection
  offline: ["网络断开了，请检查网络后重试", "You are offline. Check the connection and try again"],
  timeout: ["服务器响应太慢，请重试", "The server took too long. Please try again"],
  unavailable: ["服务暂时不可用，请稍后再试", "The service is not available right now. Try again in a moment"],
  internal: ["服务器出错了，请稍后再试", "Something failed on our side. Try again in a moment"],
  rate_limited: ["操作太频繁，请稍等一会儿", "Too many requests. Please wait a moment"],
  too_many_attempts: ["试的次数太多，请过一会儿再试", "Too many tries. Wait a while, then try again"],
  upgrade_required: ["浏览器连不上实时服务，请刷新页面", "The live connection was not possible. Reload the page"],
  too_fast: ["发得太快了，慢一点", "Too fast. Take a short breath"],
  // session
  token_missing: ["请先登录", "Please sign in first"],
  token_invalid: ["登录已失效，请重新登录", "Your session is no longer valid. Sign in again"],
  token_expired: ["登录已过期，请重新登录", "Your session has ended. Sign in again"],
  session_ended: ["登录已过期，请重新登录", "Your session has ended. Sign in again"],
  forbidden: ["你的账号没有这个权限，请换个账号登录", "Your account may not do this. Sign in with another one"],
  wrong_role: ["你的账号没有这个权限，请换个账号登录", "Your account may not do this. Sign in with another one"],
  origin_refused: ["请从 Nearlive 页面操作", "Open this from a Nearlive page"],
  wrong_password: ["账号或密码不对，请再试一次", "The login or the password is wrong. Try again"],
  login_taken: ["这个账号已被使用，请换一个", "This login is taken. Choose another"],
  invite_unknown: ["邀请链接无效，请向门店要一个新的", "This invitation is not known. Ask the store for a new one"],
  invite_used: ["邀请链接已被使用，请向门店要一个新的", "This invitation was already used. Ask the store for a new one"],
  invite_expired: ["邀请链接已过期，请向门店要一个新的", "This invitation has expired. Ask the store for a new one"],
  // requests
  not_found: ["找不到，可能已被删除", "Not found. It may have been removed"],
  method_not_allowed: ["这个操作不可用", "This cannot be done here"],
  too_large: ["内容太大了，请缩小后再试", "That is too large. Make it smaller and try again"],
  unsupported_media_type: ["不支持这种文件格式", "This kind of file is not supported"],
  invalid_body: ["填写的内容有误，请检查", "Something in the form is not right. Please check it"],
  invalid_query: ["请求有误，请刷新页面", "The request was not understood. Reload the page"],
  invalid_header: ["请求有误，请刷新页面", "The request was not understood. Reload the page"],
  changed_since: ["别人刚改过，请先载入最新内容", "Somebody has changed this since you opened it. Load it again first"],
  key_taken: ["这个编号已被使用，请换一个", "This key is in use. Choose another one"],
  idempotency_key_missing: ["请刷新页面后重试", "Reload the page and try again"],
  idempotency_key_invalid: ["请刷新页面后重试", "Reload the page and try again"],
  idempotency_mismatch: ["这个请求已提交过不同内容，请刷新页面", "This was already sent with other content. Reload the page"],
  // shows and chat
  wrong_status: ["状态已变化，这一步现在做不了", "Things have moved on: this step is not possible now"],
  not_live: ["直播还没开始或已结束", "The show has not begun, or is over"],
  not_publishing: ["主播的画面还没接通，请稍等", "The picture is not there yet. Please wait a moment"],
  not_subscribed: ["还没连上这场直播，请刷新页面", "Not connected to this show. Reload the page"],
  wrong_show: ["这个凭证属于另一场直播，请刷新页面", "This pass is for another show. Reload the page"],
  no_common_codec: ["这个浏览器不支持直播的视频格式，请换一个", "This browser cannot play the show's video. Try another one"],
  no_picture: ["还没有画面", "There is no picture yet"],
  show_cut: ["直播已被平台中止，不能再次开播", "The show was stopped by an operator and cannot go live again"],
  blocked: ["消息含有不允许的内容，没有发出", "The message has words that are not allowed, so it was not sent"],
  muted: ["你被禁言了，暂时不能发言", "You are muted for now"],
  banned: ["你已被禁止进入", "You are banned from here"],
  // buying
  quote_expired: ["价格已过期，请重新确认", "The price has expired. Please look at it again"],
  split_needed: ["一家门店凑不齐，需要从几家门店分开送", "No single store has everything. It can come from several stores"],
  store_busy: ["门店订单已满，请稍后再试", "The store is full at the moment. Please try again later"],
  too_many_unpaid: ["你有太多未付款的订单，请先付款或取消", "You have too many unpaid orders. Pay or cancel one first"],
  idempotency_running: ["正在处理，请稍等", "This is being done. Please wait a moment"],
  invalid_quote: ["价格信息无效，请重新确认", "The price could not be read. Please look at it again"],
  overloaded: ["人太多了，请稍等片刻再试", "It is very busy. Please wait a moment and try again"],
  out_of_range: ["附近没有门店送到这个地址，请换一个", "No store delivers to this address. Try another one"],
  no_courier: ["附近暂时没有骑手，请稍后再试", "No courier is on duty nearby now. Please try again later"],
  couriers_busy: ["附近骑手都在忙，暂时送不了，请过几分钟再试", "All couriers nearby are busy. Please try again in a few minutes"],
  area_paused: ["这个区域暂停配送，请稍后再试", "Delivery is paused in this area. Please try again later"],
  proposal_open: ["顾客还没回复，请等一等或撤回询问", "The customer has not answered yet. Wait, or take the question back"],
  proposal_gone: ["这个询问已经有结果了", "This question is no longer open"],
  invalid_proposal: ["缺货内容有误，请检查数量和替换商品", "Something in the shortage is not right. Check the counts and the replacement"],
  invalid_return: ["退货内容有误，请检查商品和数量", "Something in the return is not right. Check the products and counts"],
  return_too_late: ["已过退货期限", "The time to return this order is over"],
  return_wrong_status: ["退货状态已变化，请刷新", "The return has moved on: this is not possible now"],
  flash_sold_out: ["秒杀价已抢完，可按现价购买", "The flash price is sold out. You can buy at the present price"],
  flash_limit: ["超过每人限购数量，请减少", "That is more than one buyer may have at the flash price. Take fewer"],
  flash_over: ["秒杀已结束", "The flash sale is over"],
  flash_exists: ["这个商品已有进行中的秒杀", "This card has a flash sale already"],
  invalid_flash: ["秒杀的价格、数量或时间有误，请检查", "Something is wrong with the flash sale. Check price, pieces and times"],
  coupon_refused: ["这张优惠券不能用于本单", "This coupon cannot be used for this order"],
  coupon_gone: ["优惠券已领完或已失效", "This coupon is no longer given out"],
  coupon_code_taken: ["这个券码已被使用", "Another coupon has this code"],
  invalid_coupon: ["优惠券设置有误，请检查", "Something is wrong with the coupon. Please check it"],
  sold_out: ["卖完了，请减少数量或看看别的", "Sold out. Take fewer, or choose another product"],
  store_closed: ["附近门店已打烊，请营业时间再来", "The store is closed. Order again in its opening hours"],
  price_changed: ["价格有变化，请确认新的金额", "The price has changed. Please check the new total"],
  empty_order: ["还没有选商品，请先选一件", "The order is empty. Choose a product first"],
  quantity_limit: ["数量超过限购，请减少数量", "That is more than one order may have. Lower the quantity"],
  unknown_product: ["这件商品已下架，请看看别的", "This product is no longer sold. Choose another one"],
  invalid_order: ["订单信息有误，请检查数量和地址", "The order is not right. Check the quantity and the address"],
  invalid_position: ["地址的位置有误，请在地图上重新选", "The place is not right. Choose it on the map again"],
  reservation_lost: ["没能留住库存，请再下一次单", "The goods could not be kept for you. Place the order again"],
  payment_in_progress: ["正在付款，请稍等，不要重复支付", "A payment is under way. Wait a moment, do not pay again"],
  payment_unavailable: ["支付服务暂时不可用，请稍后再试", "Payments are not available right now. Try again in a moment"],
  card_declined: ["银行卡被拒，请换一张", "The card was declined. Try another one"],
  insufficient_funds: ["银行卡余额不足，请换一张", "There is not enough money on the card. Try another one"],
  expired_card: ["银行卡已过期，请换一张", "The card has expired. Try another one"],
  incorrect_cvc: ["安全码不对，请看卡背面再试", "The security code is not right. Check the back of the card"],
  authentication_failed: ["银行没有确认是你本人，请重试或换一张卡", "The bank could not confirm that it is you. Try again, or another card"],
  processing_error: ["银行出错了，没有扣款，请稍后再试", "The bank had a problem and nothing was charged. Try again in a moment"],
  payment_method_unknown: ["这里不能用这种方式付款，请换一种", "This way to pay is not offered here. Choose another one"],
  cancel_costs: ["现在取消要收费了，请再确认一次", "Cancelling costs a fee by now. Please confirm it once more"],
  cash_limit: ["这单不能货到付款，请换一种方式", "This order cannot be paid in cash. Choose another way"],
  cash_due: ["请先收现金，再确认送达", "Take the cash first, then confirm the delivery"],
  bad_signature: ["签名不对", "The signature is not right"],
  payment_failed: ["付款失败，没有扣款，请重试", "The payment failed and nothing was charged. Try again"],
  // counter and courier
  wrong_code: ["取货码不对，请再核对", "That is not the right code. Check it again"],
  wrong_pin: ["收货码不对，请让顾客再念一遍", "That is not the right PIN. Ask the buyer to read it again"],
  code_needed: ["这位骑手有取货码，请输入", "This courier has a code. Enter it"],
  pin_needed: ["顾客要当面收货，请输入收货码", "The buyer wants it in person. Enter the PIN"],
  code_locked: ["输错次数太多，请稍后再试", "Too many wrong tries. Wait a moment"],
  offer_gone: ["这单已被别人接走或已过期，请等下一单", "This offer has gone. Another one will come"],
  contact_closed: ["现在不能发消息了", "Messages are closed for this order"],
  invalid_message: ["请写点内容再发送", "Write something first"],
  already_rated: ["您已经评价过这次配送", "You have already rated this delivery"],
  rating_closed: ["这次配送现在不能评价", "This delivery cannot be rated now"],
  has_jobs: ["还有配送中的订单，送完再下线", "Finish your deliveries before going offline"],
  consent_needed: ["请先同意在线时使用你的位置", "Agree first that your position is used while you are online"],
  no_shift: ["现在不在你的排班时间，还不能上线", "You have no shift now, so you cannot go online yet"],
  shift_overlaps: ["这个时段已有别的排班", "There is another shift at that time"],
  shift_taken: ["这个班次已被别人领走", "Somebody else has taken this shift"],
  carried_outside: ["这单由外部配送方承运，等对方放弃后才能改派", "Another delivery company brings this order. It must let go of it first"],
  courier_not_free: ["这位骑手现在接不了单", "This courier cannot take another order now"],
  invalid_area: ["暂停区域的设置有误，请检查", "Please check what you entered for the area"],
  invalid_shift: ["排班时间有误，请检查", "The times of the shift are not right. Please check them"],
  no_store: ["这个账号没有门店，请让门店发新的邀请", "This account has no store. Ask a store for an invitation"],
  file_lost: ["照片没能保存在手机上，请重新拍", "The photo was lost on this phone. Take it again"],
  bad_image: ["图片无法识别，请换 JPEG、PNG 或 WebP", "The picture cannot be read. Use JPEG, PNG or WebP"],
  show_unknown: ["找不到这场直播，可能已被删除", "This show was not found. It may have been removed"],
  unknown_session: ["播放连接已失效，请重新进入", "This connection is over. Open the show again"],
  webhook_unknown: ["找不到这个 Webhook", "This webhook is not there any more"],
  webhook_message_unknown: ["找不到这条消息，或它的 Webhook 已停用", "This message is not there, or its webhook is off"],
  invalid_webhook: ["这个地址不能用：需要公网的 https 地址", "This address cannot be used: it needs https and the public Internet"],
  too_many_webhooks: ["Webhook 已达上限", "There are as many webhooks as there may be"],
  not_your_show: ["这不是你的直播", "This is not your show"],
  card_unknown: ["这件商品已不在商品架上", "This product is no longer on the shelf"],
  bad_cards: ["商品架内容有误，请刷新", "The shelf could not be saved. Reload and try again"],
  message_unknown: ["这条消息已经处理过了", "This message was already dealt with"],
  user_unknown: ["找不到这个人", "This person was not found"],
  store_unknown: ["找不到这家门店", "This store was not found"],
  contended: ["同时有人在修改，请重试", "Somebody changed this at the same time. Try again"],
  changing: ["同时有人在修改，请重试", "Somebody changed this at the same time. Try again"],
  no_media_node: ["直播服务暂时不可用，请稍后再试", "The video service is not available right now. Try again in a moment"],
  node_full: ["直播服务满了，请稍后再试", "The video service is full right now. Try again in a moment"],
  capture_running: ["正在抓包，请等它结束", "A capture is under way. Wait until it has ended"],
  capture_unknown: ["没有抓包文件，可能已下载或过期", "There is no capture. It was fetched already, or has expired"],
  capture_failed: ["抓包写不进磁盘，请检查媒体节点", "The capture could not be written. Check the media node's disk"],
  too_many_captures: ["这个节点的抓包太多，请先下载或删除", "This node keeps too many captures. Fetch or delete some first"],
  rule_exists: ["这条规则已经有了", "This rule exists already"],
  report_resolved: ["这条举报已经处理过了", "This report was already resolved"],
  sanction_lifted: ["这个处罚已经解除了", "This sanction was already lifted"],
  subject_banned: ["对方已被封禁", "This person is banned already"],
  own_subject: ["不能举报自己", "You cannot report yourself"],
  invite_forbidden: ["你不能邀请这个角色", "You may not invite this role"],
  below_reserved: ["不能少于已被订单占用的数量", "Orders have reserved more than that"],
  not_enough_stock: ["可调出的库存不足", "There is not that much free to send"],
  invalid_quantity: ["数量有误，请检查", "The number of pieces is not right. Please check it"],
  invalid_transfer: ["调拨单有误", "Something is wrong with this transfer"],
  stock_busy: ["库存正在变动，请重试", "The stock is changing. Try again"],
  invalid_store: ["门店资料有误，请检查", "The store's details are not right. Please check them"],
  invalid_product: ["商品资料有误，请检查", "The product's details are not right. Please check them"],
  bad_catalogue: ["文件里有行有误，什么都没有导入", "Some rows of the file are not right, so nothing was taken"],
  invalid_amount: ["金额有误，请检查", "The amount is not right. Please check it"],
  refund_exceeds: ["退款超过了可退金额，请减少", "That is more than can be given back. Enter a smaller amount"],
  // position
  denied: ["没有定位权限，请在浏览器设置里允许", "Location is not allowed. Allow it in the browser's settings"],
  insecure: ["需要 https 才能使用定位和摄像头", "Location and camera need https"],
};

const UNKNOWN: readonly [string, string] = ["出错了，请重试", "Something went wrong. Please try again"];

/** The code of anything that was thrown: `ApiProblem`, `GeoProblem`, or null. */
export function problemCode(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : null;
}

/** Whether what was asked for is not there (or not for us to see). */
export function isMissing(error: unknown): boolean {
  const code = problemCode(error) ?? "";
  return code === "not_found" || code.endsWith("_unknown");
}

/** A sentence for people, in the page's language. */
export function problemText(error: unknown): string {
  const [zh, en] = SENTENCES[problemCode(error) ?? ""] ?? UNKNOWN;
  const sentence = lang.value === "zh" ? zh : en;
  const wait = error instanceof ApiProblem ? error.retryAfter : null;
  if (wait === null || wait <= 0) return sentence;
  return lang.value === "zh" ? `${sentence}（${wait} 秒）` : `${sentence} (${wait} s)`;
}
