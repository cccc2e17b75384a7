"""What a buyer calls a courier by."""


def first_name(name: str) -> str:
    """The given name, without the family name where it stands first (Chinese)."""
    words = name.split()
    if not words:
        return ""
    if len(words) > 1 or words[0].isascii():
        return words[0]
    return words[0][2:] if len(words[0]) >= 4 else words[0][1:] or words[0]
