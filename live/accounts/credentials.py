"""What a login, a name and a password may look like."""

import re
import unicodedata

from live.accounts.errors import InvalidField

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{2,63}")
_JOINERS = "\u200d"  # family emoji are several signs joined
SHORTEST_PASSWORD, LONGEST_PASSWORD, LONGEST_NAME = 8, 128, 40

# Those that every list of leaked passwords begins with and that are long enough to pass.
_COMMON = frozenset(
    [
        "password",
        "password1",
        "password123",
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "87654321",
        "qwertyui",
        "qwerty123",
        "1q2w3e4r",
        "1qaz2wsx",
        "abc12345",
        "abcd1234",
        "a1234567",
        "iloveyou",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "superman",
        "trustno1",
        "letmein1",
        "welcome1",
        "admin123",
        "woaini1314",
        "5201314520",
        "12341234",
        "123123123",
        "11223344",
        "asdfghjk",
        "zxcvbnm1",
        "passw0rd",
        "p@ssw0rd",
    ]
)


def checked_login(login: str) -> tuple[str, str]:
    """The login as shown, and the key that is unique. Raises InvalidField."""
    login = unicodedata.normalize("NFKC", login).strip()
    if not _LOGIN.fullmatch(login):
        raise InvalidField("login", "3 to 64 letters, digits or . _ @ + - and it starts with a letter or digit.")
    return login, login.casefold()


def login_key(login: str) -> str:
    """The key of a login as typed; of a bad one, a key that nobody has."""
    return unicodedata.normalize("NFKC", login).strip().casefold()[:64]


def fold(text: str) -> str:
    """The text so that full-width letters and capitals are found by plain ones, however many blanks are between."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def checked_name(name: str) -> str:
    """The name as shown to others: nothing invisible in it, nothing that turns the line around. Raises InvalidField."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidField("name", f"1 to {LONGEST_NAME} characters.")
    categories = [unicodedata.category(c) for c in name if c not in _JOINERS]
    if any(category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for category in categories):
        raise InvalidField("name", "No invisible or control characters.")
    if not any(category[0] in "LNS" for category in categories):
        raise InvalidField("name", "At least one letter, digit or sign.")
    return name


def checked_password(password: str, login: str) -> str:
    """The password as it is hashed (NFKC, as NIST SP 800-63B has it). Raises InvalidField."""
    password = plain_password(password)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidField("password", f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if password.casefold() in {login.casefold(), *_COMMON} or len(set(password)) == 1:
        raise InvalidField("password", "Too easy to guess.")
    return password


def plain_password(password: str) -> str:
    """The form that is hashed and compared."""
    return unicodedata.normalize("NFKC", password)
