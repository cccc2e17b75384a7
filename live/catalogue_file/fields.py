"""What members of rows have in common."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from live.catalogue_file.faults import fault


def _visible(text: str) -> str:
    if not text.strip():
        raise fault("blank", "must not be blank")
    return text


Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Name = Annotated[str, Field(max_length=200), AfterValidator(_visible)]
Word = Annotated[str, Field(max_length=80), AfterValidator(_visible)]


class Row(BaseModel):
    """Nothing is converted, nothing unknown is let by."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def fault(self) -> tuple[str, str, str] | None:
        """Column, code and reason of what its members together make wrong, None if they fit."""
        return None
