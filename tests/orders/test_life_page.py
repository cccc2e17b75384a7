"""docs/order-life.md is what the tables say."""

from scripts.write_lifecycle import PAGE, page


def test_the_page_is_as_the_tables_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m scripts.write_lifecycle"
