"""Dada as its documents say that it behaves (newopen.imdada.cn): envelope, signature, fields, codes, callbacks."""

import hashlib
import json
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.delivery.providers.house import House, Json

APP: Final = ("dada0000000000", "secret-d")
SOURCE: Final = "73753"
SHOP: Final = "11047059"

#: The documents' lists: name, and whether it must be there. Of the two numbers of the receiver one must.
ENVELOPE_FIELDS: Final = {
    "app_key": True,
    "signature": True,
    "timestamp": True,
    "format": True,
    "v": True,
    "source_id": True,
    "body": True,
}
ORDER_FIELDS: Final = {
    "shop_no": True,
    "origin_id": True,
    "cargo_price": True,
    "is_prepay": True,
    "receiver_name": True,
    "receiver_address": True,
    "receiver_lat": True,
    "receiver_lng": True,
    "callback": True,
    "cargo_weight": True,
    "receiver_phone": False,
    "receiver_tel": False,
    "tips": False,
    "info": False,
    "cargo_type": False,
    "cargo_num": False,
    "invoice_title": False,
    "origin_mark": False,
    "origin_mark_no": False,
    "is_use_insurance": False,
    "is_finish_code_needed": False,
    "delay_publish_time": False,
    "is_expect_finish_order": False,
    "expect_finish_time_limit": False,
    "is_direct_delivery": False,
    "product_list": False,
    "pick_up_pos": False,
    "fetch_code": False,
}
QUERY_FIELDS: Final = {"order_id": True}
CANCEL_FIELDS: Final = {"order_id": True, "cancel_reason_id": True, "cancel_reason": False}

#: 返回码: what the documents say beside the code.
CODES: Final = {
    0: "成功",
    -1: "系统异常",
    2003: "签名错误",
    2004: "无效的门店编号",
    2005: "订单不存在,请核查订单号",
    2012: "订单正在处理中,请稍后再试",
    2049: "订单取消原因ID对应其他,取消原因不能为空",
    2050: "订单配送中,无法取消",
    2051: "订单已完成配送,无法取消",
    2076: "订单已取消,无法重复取消",
    2105: "不能重复发单",
    2130: "该订单已发单,不能查询运费",
    2155: "余额不足请充值",
    2410: "参数类型不正确, Double类型不能传null与字符串",
}
WORDS: Final = {1: "待接单", 2: "待取货", 3: "配送中", 4: "已完成", 5: "已取消", 9: "妥投异常之物品返回中"}
NUMBERS: Final = ("cargo_price", "receiver_lat", "receiver_lng", "cargo_weight")


class Refused(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class DadaHouse(House):
    """`orders` are what was really published, by the merchant's number of each."""

    def __init__(self) -> None:
        self.orders: dict[str, Json] = {}
        self.refuse_next: list[int] = []
        super().__init__()

    def routes(self, router: web.UrlDispatcher) -> None:
        for path, handler in (
            ("/api/order/queryDeliverFee", self._fee),
            ("/api/order/addOrder", self._add),
            ("/api/order/status/query", self._query),
            ("/api/order/formalCancel", self._cancel),
        ):
            router.add_post(path, self._enveloped(handler))

    def limited(self, wait: int) -> web.Response:
        return web.json_response({"status": "fail"}, status=429, headers={"Retry-After": str(wait)})

    def inner(self, part: str) -> list[Json]:
        """The business parameters of what was sent to paths that end so."""
        return [json.loads(body["body"]) for body in self.bodies(part)]

    def move(self, order_id: str, status: int, **more: Any) -> Json:
        """What happens out there, by the courier's app."""
        order = self.orders[order_id]
        order.update(statusCode=status, statusMsg=WORDS.get(status, ""), **more)
        if status in {2, 100, 3} and not order["transporterName"]:
            order.update(
                transporterId=666,
                transporterName="测试达达",
                transporterPhone="13546670420",
                transporterLng="121.444612",
                transporterLat="31.208124",
                acceptTime=_china(self.clock().timestamp()),
            )
        if status == 4:
            order["finishTime"] = _china(self.clock().timestamp())
        return order

    def callback(self, order_id: str, **more: Any) -> tuple[dict[str, str], bytes]:
        """The callback of how it stands now."""
        order = self.orders[order_id]
        taken = order["statusCode"] not in {1, 8}
        said: Json = {
            "client_id": order["client_id"],
            "order_id": order_id,
            "order_status": order["statusCode"],
            "repeat_reason_type": 0,
            "cancel_reason": "",
            "cancel_from": 0,
            "update_time": int(self.clock().timestamp()),
            "finish_code": order["orderFinishCode"],
            "dm_id": order["transporterId"] if taken else 0,
            "dm_name": order["transporterName"] if taken else "",
            "dm_mobile": order["transporterPhone"] if taken else "",
            **more,
        }
        return self.sign(said)

    @staticmethod
    def sign(said: Json) -> tuple[dict[str, str], bytes]:
        values = sorted((str(said["client_id"]), str(said["order_id"]), str(said["update_time"])))
        body = {"signature": hashlib.md5("".join(values).encode()).hexdigest(), **said}  # noqa: S324 - theirs
        return {"Content-Type": "application/json"}, json.dumps(body, ensure_ascii=False).encode()

    def _enveloped(self, handler: Any) -> Any:
        async def enveloped(request: web.Request) -> web.Response:
            envelope = json.loads(await request.read())
            try:
                _check_envelope(envelope, self.clock())
                self._refuse()
                result = handler(json.loads(envelope["body"]))
                return web.json_response({"status": "success", "result": result, "code": 0, "msg": CODES[0]})
            except Refused as refused:
                code = refused.code
                return web.json_response({"status": "fail", "code": code, "msg": CODES[code], "errorCode": code})

        return enveloped

    def _refuse(self) -> None:
        if self.refuse_next:
            raise Refused(self.refuse_next.pop(0))

    def _fee(self, body: Json) -> Json:
        _check_order(body)
        if body["origin_id"] in self.orders:
            raise Refused(2130)
        return {"distance": 1304.0, "fee": 8.50, "deliverFee": 10.50, "couponFee": 2.0, "deliveryNo": "Dada000001"}

    def _add(self, body: Json) -> Json:
        _check_order(body)
        if body["origin_id"] in self.orders:
            raise Refused(2105)
        self.orders[body["origin_id"]] = {
            "orderId": body["origin_id"],
            "client_id": f"27{len(self.orders):06}",
            "statusCode": 1,
            "statusMsg": WORDS[1],
            "transporterId": 0,
            "transporterName": "",
            "transporterPhone": "",
            "transporterLng": "",
            "transporterLat": "",
            "deliveryFee": 10.50,
            "actualFee": 8.50,
            "tips": 0.0,
            "distance": 1304,
            "createTime": _china(self.clock().timestamp()),
            "acceptTime": "",
            "fetchTime": "",
            "finishTime": "",
            "cancelTime": "",
            "orderFinishCode": "4821" if body.get("is_finish_code_needed") else "",
            "deductFee": 0,
        }
        return {"distance": 1304.0, "fee": 8.50, "deliverFee": 10.50}

    def _query(self, body: Json) -> Json:
        _check(body, QUERY_FIELDS)
        return {name: value for name, value in self._one(body).items() if name != "client_id"}

    def _cancel(self, body: Json) -> Json:
        _check(body, CANCEL_FIELDS)
        order = self._one(body)
        if body["cancel_reason_id"] == 10_000 and not body.get("cancel_reason"):
            raise Refused(2049)
        refusal = {3: 2050, 100: 2050, 9: 2050, 4: 2051, 10: 2051, 5: 2076}.get(order["statusCode"])
        if refusal:
            raise Refused(refusal)
        deducted = 2.0 if order["statusCode"] == 2 else 0.0
        self.move(body["order_id"], 5, cancelTime=_china(self.clock().timestamp()))
        return {"deduct_fee": deducted}

    def _one(self, body: Json) -> Json:
        found = self.orders.get(body["order_id"])
        if found is None:
            raise Refused(2005)
        return found


def _check_envelope(envelope: Json, now: datetime) -> None:
    assert set(envelope) == set(ENVELOPE_FIELDS)
    unsigned = {name: str(value) for name, value in envelope.items() if name != "signature"}
    joined = "".join(name + unsigned[name] for name in sorted(unsigned))
    secret = APP[1]
    expected = hashlib.md5(f"{secret}{joined}{secret}".encode()).hexdigest().upper()  # noqa: S324 - theirs
    right = (unsigned["app_key"], unsigned["source_id"], unsigned["format"], unsigned["v"]) == (
        APP[0],
        SOURCE,
        "json",
        "1.0",
    )
    if not right or envelope["signature"] != expected or abs(int(unsigned["timestamp"]) - now.timestamp()) > 600:
        raise Refused(2003)


def _check_order(body: Json) -> None:
    _check(body, ORDER_FIELDS)
    if not body.get("receiver_phone") and not body.get("receiver_tel"):
        raise Refused(2410)
    if any(isinstance(body[name], str) for name in NUMBERS):
        raise Refused(2410)
    if body["shop_no"] != SHOP:
        raise Refused(2004)


def _check(body: Json, fields: dict[str, bool]) -> None:
    needed = {name for name, must in fields.items() if must}
    assert needed <= set(body) <= set(fields), (needed - set(body), set(body) - set(fields))
    if any(value is None for value in body.values()):
        raise Refused(2410)


def _china(at: float) -> str:
    return datetime.fromtimestamp(at, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")
