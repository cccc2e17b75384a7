"""What can be wrong with a catalogue file. The texts are meant for the person who sent it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class CatalogueFileError(Exception):
    """Root of them."""

    code: ClassVar[str] = "catalogue_file"


class PictureRefused(CatalogueFileError):
    """A picture that cannot be had or taken."""

    code: ClassVar[str] = "picture_refused"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a row of a section.

    `row` is its number as the person sees it: the line of a spreadsheet, whose head is line 1; the place in a list of
    JSON, from 1. `path` is the place in words: `products[3].price`, `products row 5, price`. `value` is what was read,
    shortened. `code` is one of the stable codes of `live/catalogue_file/faults.py`.
    """

    path: str
    reason: str
    code: str = "bad_value"
    section: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        read = f" (read: {self.value})" if self.value else ""
        return f"{self.path}: {self.reason}{read}"


class BadCatalogue(CatalogueFileError):
    """`problems` are all that is wrong."""

    code: ClassVar[str] = "bad_catalogue"

    def __init__(self, message: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(f"  - {problem}" for problem in self.problems)]))
