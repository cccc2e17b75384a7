import pytest

from delivery.tracking.names import first_name


@pytest.mark.parametrize(
    ("name", "called"),
    [("Wang Lei", "Wang"), ("王小明", "小明"), ("李雷", "雷"), ("欧阳娜娜", "娜娜"), ("Ann", "Ann"), ("", "")],
)
def test_first_name(name: str, called: str) -> None:
    assert first_name(name) == called
