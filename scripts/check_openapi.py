"""Fails where openapi.yaml is not what the views say."""

import difflib
import subprocess
import sys
from pathlib import Path

KEPT = Path("openapi.yaml")


def main() -> int:
    command = [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        print(made.stderr)
        return 1
    kept = KEPT.read_text() if KEPT.exists() else ""
    difference = list(
        difflib.unified_diff(kept.splitlines(), made.stdout.splitlines(), str(KEPT), "the views", lineterm="")
    )
    if difference:
        print(*difference[:60], "`make openapi` writes it anew.", sep="\n")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
