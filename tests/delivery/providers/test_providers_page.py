"""docs/providers.md shows what is sent beside the documents' field lists: the page against the recorded bodies."""

import json
from pathlib import Path
from typing import Final

import pytest

from delivery.ports import Http
from delivery.providers.dada.answers import STATUSES as DADA
from delivery.providers.uber.answers import STATUSES as UBER
from tests.delivery.providers.recorded import of_dada, of_uber

PAGE: Final = (Path(__file__).parents[3] / "docs" / "providers.md").read_text(encoding="utf-8")


def table(fields: dict[str, bool], sent: dict[str, object]) -> str:
    """As the page has it."""
    assert set(sent) <= set(fields)
    assert {name for name, needed in fields.items() if needed} <= set(sent)
    rows = ["| field | needed | we send |", "|---|---|---|"]
    for name, needed in fields.items():
        value = f"`{json.dumps(sent[name], ensure_ascii=False)}`" if name in sent else ""
        rows.append(f"| `{name}` | {'yes' if needed else ''} | {value} |")
    return "\n".join(rows)


@pytest.mark.parametrize("record", [of_uber, of_dada])
async def test_each_body_stands_beside_its_documents_fields(record: object, http: Http) -> None:
    recorded = await record(http)  # type: ignore[operator]
    assert len(recorded) >= 4
    for heading, (fields, sent) in recorded.items():
        assert f"### {heading}\n\n{table(fields, sent)}\n" in PAGE


@pytest.mark.parametrize("statuses", [UBER, DADA])
def test_each_status_is_told(statuses: dict[str, object]) -> None:
    for raw, status in statuses.items():
        assert f"| `{raw}` | {status} |" in PAGE
