"""Compile the translations (.po into .mo) that are newer than what was compiled, without gettext's own tools.

A fresh machine has no msgfmt, and Django reads only the compiled form (GNU gettext manual, 10.3, "The Format of GNU MO
Files").
"""

import ast
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("apps", "config", "learninghub", "locale")
MAGIC = 0x950412DE
CONTEXT_END = "\x04"
PLURAL_END = "\0"
_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr)(?:\[\d+\])?\s+)?(".*")')


def main() -> int:
    for place in PLACES:
        for source in (ROOT / place).rglob("LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime <= source.stat().st_mtime:
                target.write_bytes(compiled(messages(source.read_text(encoding="utf-8"))))
    return 0


def messages(text: str) -> dict[str, str]:
    """What each message of a .po file is translated to; fuzzy, obsolete and empty ones are left out."""
    translations = {}
    for entry in re.split(r"\n\s*\n", text):
        parts = _parts(entry)
        key = PLURAL_END.join(parts["msgid"] + parts["msgid_plural"])
        if parts["msgctxt"]:
            key = parts["msgctxt"][0] + CONTEXT_END + key
        is_fuzzy = re.search(r"^#,.*\bfuzzy\b", entry, re.MULTILINE) is not None
        if any(parts["msgstr"]) and not (is_fuzzy and key):  # the header, whose key is empty, always counts
            translations[key] = PLURAL_END.join(parts["msgstr"])
    return translations


def _parts(entry: str) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {"msgctxt": [], "msgid": [], "msgid_plural": [], "msgstr": []}
    current = parts["msgid"]
    for line in entry.splitlines():
        if found := _LINE.fullmatch(line.strip()):
            keyword, quoted = found.groups()
            if keyword:
                current = parts[keyword]
                current.append("")
            current[-1] += ast.literal_eval(quoted)
    return parts


def compiled(translations: dict[str, str]) -> bytes:
    """The bytes of a .mo file: a header, two tables of lengths and offsets, the originals, the translations."""
    pairs = sorted((key.encode(), value.encode()) for key, value in translations.items())
    header = 7 * 4
    offset = header + len(pairs) * 16
    tables = b""
    for column in range(2):
        for pair in pairs:
            tables += struct.pack("<II", len(pair[column]), offset)
            offset += len(pair[column]) + 1
    start = struct.pack("<7I", MAGIC, 0, len(pairs), header, header + len(pairs) * 8, 0, header)
    return start + tables + b"".join(pair[column] + b"\0" for column in range(2) for pair in pairs)


if __name__ == "__main__":
    sys.exit(main())
