"""The normal form, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.normalise import normalise


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("z\u200be\u200dr\u2060o", "zero"),
        ("\u202ebidi\u202c", "bidi"),
        ("раураl", "paypal"),
        ("ｶﾞ", "ガ".encode().decode()[:0] + "カ\u3099"),
        ("ⓒⓘⓡⓒⓛⓔ 🅱🅾🆇", "circle box"),
        ("𝓼𝓬𝓻𝓲𝓹𝓽 𝕕𝕠𝕦𝕓𝕝𝕖", "script double"),
        ("h̸̡e̴l̷l̵o̶", "hello"),
        ("crème Straße", "creme strasse"),
        ("賭博 發財", "赌博 发财"),
        ("ꜱᴍᴀʟʟ", "small"),
        ("soft\u00adhyphen", "softhyphen"),
        ("tab\tand\nline", "tab and line"),
    ],
)
def test_what_looks_the_same_is_the_same(written: str, normal: str) -> None:
    assert normalise(written).text == normal


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_has_a_normal_form_with_a_way_back(text: str) -> None:
    normal = normalise(text)
    assert len(normal.origin) == len(normal.text)
    assert list(normal.origin) == sorted(normal.origin)
    for index in range(len(normal.text)):
        start, end = normal.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert normal.text[index] in normalise(text[start:end]).text


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


def test_a_span_takes_the_marks_on_its_last_letter() -> None:
    normal = normalise("ab\u0301\u200bc")
    assert normal.text == "abc"
    assert normal.span(0, 2) == (0, 4)
