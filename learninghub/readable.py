"""Words for people's eyes."""


def in_groups(code: str, *, of: int = 4) -> str:
    """A long code as people read and dictate it: groups parted by hyphens."""
    return "-".join(code[start : start + of] for start in range(0, len(code), of))
