"""Signing keys: made on first run, kept in the data folder, rotated without signing anybody out."""

import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

KEPT_AFTER_ROTATION: Final = 2
LEAST_LENGTH: Final = 32
FILES: Final = ("keys.json", "media-keys.json")


class KeyRing(BaseModel):
    """Secrets by key id. `current` signs; every key verifies, so what was signed before a rotation stays good."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    current: str
    keys: dict[str, str]

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.current not in self.keys:
            raise ValueError("`current` names none of the keys")
        if any(len(secret) < LEAST_LENGTH for secret in self.keys.values()):
            raise ValueError(f"each secret needs at least {LEAST_LENGTH} characters")
        return self

    @property
    def secret(self) -> str:
        """The one that signs."""
        return self.keys[self.current]

    @property
    def previous(self) -> str | None:
        """The id of the newest key besides the current one."""
        return next((key_id for key_id in reversed(self.keys) if key_id != self.current), None)

    def rotated(self) -> "KeyRing":
        """With a new current key; the newest ones of before stay, older ones go."""
        kept = [key_id for key_id in self.keys if key_id != self.current][1 - KEPT_AFTER_ROTATION :]
        fresh = _fresh()
        return KeyRing(
            current=fresh.current,
            keys={key_id: self.keys[key_id] for key_id in (*kept, self.current)} | fresh.keys,
        )


def _fresh() -> KeyRing:
    key_id = f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(3)}"
    return KeyRing(current=key_id, keys={key_id: secrets.token_urlsafe(48)})


def kept_keys(folder: Path, name: str) -> KeyRing:
    """The key ring in a file of the data folder, made when it is not there. Raises OSError, ValueError."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, _fresh(), replace=False)
    try:
        return KeyRing.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise ValueError(f"{path} is not a file of keys: {error.errors()[0]['msg']}") from None


def rotate(folder: Path) -> dict[str, str]:
    """Give each key file of the data folder a new current key; return file name to key id."""
    rotated = {name: kept_keys(folder, name).rotated() for name in FILES}
    for name, ring in rotated.items():
        _write(folder / name, ring, replace=True)
    return {name: ring.current for name, ring in rotated.items()}


def _write(path: Path, ring: KeyRing, *, replace: bool) -> None:
    """Write whole or not at all, readable by the owner only. Of two first starts at once one wins, for both."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(ring.model_dump(), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
