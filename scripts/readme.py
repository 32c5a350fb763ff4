"""Writes the README's table of settings from config/env.py; with --check, says whether it is up to date."""

import re
import sys
from pathlib import Path

from config.env import SETTINGS

README = Path(__file__).resolve().parent.parent / "README.md"
_TABLE = re.compile(r"(?<=\| setting \| example \| meaning \|\n\|---\|---\|---\|\n).*?(?=\n\n)", re.DOTALL)


def main() -> int:
    written = README.read_text(encoding="utf-8")
    wanted = _TABLE.sub(lambda _: table(), written)
    if "--check" in sys.argv[1:]:
        return int(written != wanted)
    README.write_text(wanted, encoding="utf-8")
    return 0


def table() -> str:
    """One row a setting, in the order of config/env.py."""
    return "\n".join(f"| `{setting.name}` | {setting.expected} | {setting.meaning} |" for setting in SETTINGS)


if __name__ == "__main__":
    sys.exit(main())
