"""From what pydantic says of a row to our stable codes, which pages translate."""

import json
from typing import Any, Final, LiteralString

from pydantic_core import ErrorDetails, PydanticCustomError

LONGEST_VALUE: Final = 80

_CODES: Final = {
    "missing": "missing",
    "extra_forbidden": "unknown_column",
    "string_type": "not_text",
    "int_type": "not_a_number",
    "int_from_float": "not_a_number",
    "float_type": "not_a_number",
    "finite_number": "not_a_number",
    "bool_type": "not_yes_no",
    "string_too_long": "too_long",
    "too_long": "too_many",
    **dict.fromkeys(("string_pattern_mismatch", "literal_error", "tuple_type", "dict_type", "model_type"), "bad_form"),
    "greater_than": "out_of_bounds",
    "greater_than_equal": "out_of_bounds",
    "less_than": "out_of_bounds",
    "less_than_equal": "out_of_bounds",
}
#: Codes of our own rules; a row's validators raise them as the type of the error.
RULES: Final = frozenset(
    {
        "blank",
        "bad_time_zone",
        "bad_hours",
        "bad_date",
        "bad_currency",
        "bad_barcode",
        "bad_options",
        "bad_area",
        "barcode_taken",
        "twice",
        "unknown_store",
        "unknown_product",
        "below_reserved",
        "bad_picture",
        "no_pictures",
        "depends",
        "too_many_rows",
        "bad_value",
    }
)
ALL_CODES: Final = frozenset(_CODES.values()) | RULES


def fault(code: LiteralString, reason: str) -> PydanticCustomError:
    """What a validator of a row raises."""
    return PydanticCustomError(code, "{reason}", {"reason": reason})


def code_of(error: ErrorDetails) -> str:
    """The stable code of what pydantic found."""
    kind = error["type"]
    return kind if kind in RULES else _CODES.get(kind, "bad_value")


def read_as(value: Any) -> str:
    """What was read, short enough to be shown; nothing for a whole row."""
    if value is None or isinstance(value, dict):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
