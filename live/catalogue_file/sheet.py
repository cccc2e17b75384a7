"""CSV: one section a file, one row a line. What a cell says becomes what JSON would have said."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from live.catalogue_file.errors import BadCatalogue, Problem
from live.catalogue_file.store_row import Week

DAYS: Final = tuple(Week.model_fields)
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "stores": (
        *("key", "name", "address", "lon", "lat", "time_zone", *DAYS),
        *("special_days", "delivery_radius_m", "area", "capacity", "phone"),
    ),
    "products": (
        *("key", "name", "description", "price", "currency", "group", "options"),
        *("barcode", "tax_class", "on_sale", "pictures"),
    ),
    "prices": ("product", "store", "price", "member_price"),
    "stock": ("store", "product", "on_hand", "safety"),
}
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "stores": ("key", "name", "lon", "lat", "time_zone"),
    "products": ("key", "name", "price"),
    "prices": ("product",),
    "stock": ("store", "product", "on_hand"),
}
#: A column that only this section has, looked for in this order.
_TELLING: Final = {"stock": "on_hand", "stores": "time_zone", "products": "name", "prices": "product"}
_LISTS: Final = frozenset({"options", "pictures", "special_days"})
_YES: Final = frozenset({"yes", "true", "1", "是"})
_NO: Final = frozenset({"no", "false", "0", "否"})
_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")

RawRow: TypeAlias = dict[str, Any]
Cell: TypeAlias = Callable[[str], Any]


def parse(text: str) -> tuple[str, list[RawRow]]:
    """The section that the head names, and its rows. Raises BadCatalogue for what has no such head."""
    head, *lines = _lines(text)
    names = [cell.strip().lower() for cell in head]
    section = next((section for section, column in _TELLING.items() if column in names), None)
    if section is None:
        wanted = "; ".join(f"{name}: {', '.join(columns)}" for name, columns in REQUIRED.items())
        raise _head_problem(
            "file", "unknown_column", f"the head must have the columns of one section ({wanted})", names
        )
    for name in names:
        if name not in COLUMNS[section] or names.count(name) > 1:
            raise _head_problem(
                section, "unknown_column", f"no such column, or twice: {name or 'one without a name'}", names
            )
    missing = [name for name in REQUIRED[section] if name not in names]
    if missing:
        raise _head_problem(section, "missing", f"columns are missing: {', '.join(missing)}", names)
    return section, [_row(section, names, line) for line in lines]


def write(section: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as JSON has them, as CSV with a head. With a byte order mark: spreadsheets then know that it is UTF-8."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS[section])
    for row in rows:
        flat = {**row, **row.get("position", {}), **row.get("hours", {})}
        table.writerow([_text(column, flat.get(column)) for column in COLUMNS[section]])
    return "\ufeff" + out.getvalue()


def column_of(section: str, place: Sequence[int | str]) -> str:
    """The column that a place in a row of JSON has here: `hours, monday, 0` is in `monday`."""
    names = [part for part in place if isinstance(part, str)]
    return next((name for name in names if name in COLUMNS[section]), names[0] if names else "")


def _head_problem(section: str, code: str, reason: str, names: Sequence[str]) -> BadCatalogue:
    problem = Problem(f"{section} row 1", reason, code, section, 1, "", ", ".join(names)[:80])
    return BadCatalogue("This is no catalogue table:", [problem])


def _lines(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise BadCatalogue(f"This is not CSV: {error}.", ()) from None
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise BadCatalogue("The first line must name the columns.", ())
    return lines


def _row(section: str, names: Sequence[str], line: Sequence[str]) -> RawRow:
    """{} of an empty line. Cells that the head has no column for are kept under `None`."""
    cells = {name: cell.strip() for name, cell in zip(names, line, strict=False) if cell.strip()}
    row = {name: _read(name, cell) for name, cell in cells.items()}
    if section == "stores" and row:
        row = _store(row)
    extra = [cell for cell in line[len(names) :] if cell.strip()]
    return row | ({f"column {len(names) + 1}": extra[0]} if extra else {})


def _read(column: str, cell: str) -> Any:
    """A list may be written as in JSON: where a text of it holds what separates."""
    if column in _LISTS and cell.startswith("["):
        return _json(cell)
    return _CELLS.get(column, str)(cell)


def _store(row: RawRow) -> RawRow:
    hours = {day: row.pop(day) for day in DAYS if day in row}
    position = {name: row.pop(name) for name in ("lon", "lat") if name in row}
    return {"address": "", **row, "position": position, "hours": hours}


def _number(cell: str) -> Any:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    return float(cell) if _DECIMAL.fullmatch(cell) else cell


def _whole(cell: str) -> Any:
    return int(cell) if _WHOLE.fullmatch(cell) else cell


def _yes_no(cell: str) -> Any:
    word = cell.lower()
    return True if word in _YES else False if word in _NO else cell


def _spans(cell: str) -> Any:
    return [] if cell.lower() == "closed" else cell.split()


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _options(cell: str) -> Any:
    pairs = [part.partition("=") for part in _parts(cell)]
    return [{"name": name.strip(), "value": value.strip()} for name, _, value in pairs]


def _special_days(cell: str) -> Any:
    days = []
    for part in _parts(cell):
        date, _, rest = part.partition(" ")
        words = rest.split()
        hours = [word for word in words if re.match(r"\d", word)]
        note = " ".join(word for word in words if word not in hours and word.lower() != "closed")
        days.append({"date": date, "hours": hours, "note": note})
    return days


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _pictures(cell: str) -> Any:
    return [{"file": part, "alt": ""} for part in _parts(cell)]


_CELLS: Final[Mapping[str, Cell]] = {
    **dict.fromkeys(("lon", "lat", "delivery_radius_m"), _number),
    **dict.fromkeys(("capacity", "price", "member_price", "on_hand", "safety"), _whole),
    **dict.fromkeys(DAYS, _spans),
    "on_sale": _yes_no,
    "options": _options,
    "special_days": _special_days,
    "area": _json,
    "pictures": _pictures,
}


def _text(column: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict():
            return json.dumps(value, separators=(",", ":"))
        case list() | tuple():
            return _joined(column, value)
    return str(value)


def _joined(column: str, values: Sequence[Any]) -> str:
    text = _plain(column, values)
    return text if _CELLS[column](text) == list(values) else json.dumps(values, ensure_ascii=False)


def _plain(column: str, values: Sequence[Any]) -> str:
    if column == "options":
        return "; ".join(f"{one['name']}={one['value']}" for one in values)
    if column == "pictures":
        return "; ".join(one["file"] for one in values)
    if column == "special_days":
        return "; ".join(" ".join((one["date"], *(one["hours"] or ["closed"]), one["note"])).strip() for one in values)
    return " ".join(values) if values else "closed"
