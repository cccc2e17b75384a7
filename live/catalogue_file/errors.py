"""What can be wrong with a catalogue file. The texts are meant for the person at the terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class CatalogueFileError(Exception):
    """Root of them."""

    code: ClassVar[str] = "catalogue_file"


class PictureRefused(CatalogueFileError):
    """A picture that cannot be had or taken."""

    code: ClassVar[str] = "picture_refused"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong at `path`, such as `products[3].price`."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class BadCatalogue(CatalogueFileError):
    """`problems` are all that is wrong."""

    code: ClassVar[str] = "bad_catalogue"

    def __init__(self, message: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(f"  - {problem}" for problem in self.problems)]))
