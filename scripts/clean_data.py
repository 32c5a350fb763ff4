"""`make clean-data`: delete the embedded database and everything else under var/."""

import shutil
import sys

from config import embedded


def main() -> int:
    try:
        embedded.remove()
    except embedded.NotStarted as why:
        print(why, file=sys.stderr)
        return 1
    shutil.rmtree(embedded.VAR, ignore_errors=True)
    print("var/ is empty.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
