"""What people may call themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.accounts.credentials import checked_login, checked_name, checked_password, login_key
from live.accounts.errors import InvalidField


@pytest.mark.parametrize("login", ["", "ab", "-abc", "a b c", "x" * 65, "名字名字", "mei\u200b1", "a/b/c"])
def test_logins_that_nobody_can_have(login: str) -> None:
    with pytest.raises(InvalidField) as refused:
        checked_login(login)
    assert refused.value.field == "login"


def test_a_login_is_one_whatever_its_case_and_width() -> None:
    assert checked_login(" Mei.Lin@Shop.cn ") == ("Mei.Lin@Shop.cn", "mei.lin@shop.cn")
    assert login_key("ＭＥＩ") == "mei"


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200b", "a\u202eb", "x" * 41, "\x00abc", "...", "\ud800"])
def test_names_that_nobody_can_have(name: str) -> None:
    with pytest.raises(InvalidField) as refused:
        checked_name(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("name", "shown"), [("  小  美 ", "小 美"), ("👩‍👧 Ann", "👩‍👧 Ann"), ("O'Neil-7", "O'Neil-7")]
)
def test_names_that_people_have(name: str, shown: str) -> None:
    assert checked_name(name) == shown


@pytest.mark.parametrize("password", ["short", "x" * 129, "aaaaaaaaaa", "mei-lin-01", "Password123", "MEI-LIN-01"])
def test_passwords_that_nobody_should_have(password: str) -> None:
    with pytest.raises(InvalidField) as refused:
        checked_password(password, "mei-lin-01")
    assert refused.value.field == "password"
    assert password not in str(refused.value)


@given(st.text())
def test_any_text_is_taken_or_refused(text: str) -> None:
    for check in (checked_login, checked_name, lambda value: checked_password(value, "mei")):
        try:
            check(text)
        except InvalidField:
            continue
    login_key(text)
