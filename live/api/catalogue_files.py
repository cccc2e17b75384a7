"""The catalogue as files: what admins upload, first to see what it would do, and what they take home."""

from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from live.api.catalogue import ADMIN
from live.catalogue_file.errors import BadCatalogue
from live.catalogue_file.export import export
from live.catalogue_file.report import MAX_BYTES, ImportReport, take_upload
from live.http.parsing import bounded
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable

routes = RouteTable("catalogue files")


class ImportQuery(BaseModel):
    """Whether to write it, and what becomes of bad rows."""

    dry_run: bool = True
    skip_bad: bool = False


class ExportQuery(BaseModel):
    """CSV holds one section, JSON all of them."""

    format: Literal["json", "csv"] = "json"
    section: Literal["stores", "products", "prices", "stock"] = "products"


@routes.add(
    "POST",
    "/api/catalogue/import",
    access=ADMIN,
    query=ImportQuery,
    returns=ImportReport,
    raw=True,
    max_body=MAX_BYTES,
    limit=Limit(30, 60),
    summary="Import stores, products, prices and stock from a file",
)
async def load(call: Call[Nothing, ImportQuery]) -> ImportReport:
    """JSON or CSV, at most 8 MiB and 20,000 rows. By default only told what it would do.

    With anything wrong nothing is written, unless `skip_bad` leaves bad rows out.
    """
    kind = call.request.content_type
    if kind not in ("application/json", "text/csv"):
        raise Problem(415, "unsupported_media_type", "Send application/json or text/csv.")
    services, query = call.services, call.query
    data = await bounded(call.request, MAX_BYTES)
    report = await take_upload(
        services.orders,
        data,
        call.me.user_id,
        table=kind == "text/csv",
        dry_run=query.dry_run,
        skip_bad=query.skip_bad,
    )
    if report.applied:
        detail: dict[str, str | int] = {"changes": report.change_count, "left_out": report.problem_count}
        await services.moderation.audit.append(call.me.user_id, "catalogue.import", "catalogue", "", detail)
    return report


@routes.add(
    "GET",
    "/api/catalogue/export",
    access=ADMIN,
    query=ExportQuery,
    limit=Limit(30, 60),
    summary="Export stores, products, prices and stock to a file",
    codes=("bad_catalogue",),
)
async def save(call: Call[Nothing, ExportQuery]) -> web.Response:
    """Without pictures: `nearlive catalogue export` writes those too."""
    query = call.query
    try:
        content = await export(call.services.orders, None)
    except BadCatalogue as bad:
        raise Problem(409, "bad_catalogue", str(bad.problems[0]) if bad.problems else str(bad)) from None
    table = query.format == "csv"
    name = f"{query.section}.csv" if table else "catalogue.json"
    return web.Response(
        text=content.table(query.section) if table else content.text(),
        content_type="text/csv" if table else "application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
