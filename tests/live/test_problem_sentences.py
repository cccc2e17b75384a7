"""Every refusal has a sentence on the pages, in Chinese and in English."""

import re
from pathlib import Path
from typing import Final

import pytest

from live.http.errors import STATUS
from live.server import all_routes

SOURCE: Final = (Path(__file__).parents[2] / "static" / "src" / "core" / "problems.ts").read_text(encoding="utf-8")
ENTRY: Final = re.compile(r'^  (\w+): \["([^"]+)", "([^"]+)"\],$', re.MULTILINE)
SENTENCES: Final = {code: (chinese, english) for code, chinese, english in ENTRY.findall(SOURCE)}
HAN: Final = re.compile(r"[\u4e00-\u9fff]")
CODES: Final = sorted(set(STATUS) | {code for route in all_routes() for code in route.codes})


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_is_explained_in_both_languages(code: str) -> None:
    assert code in SENTENCES, f"problems.ts has no sentence for {code}"
    chinese, english = SENTENCES[code]
    assert HAN.search(chinese)
    assert not HAN.search(english)


def test_no_sentence_is_written_twice() -> None:
    codes = [code for code, _, _ in ENTRY.findall(SOURCE)]
    assert sorted(codes) == sorted(set(codes))
