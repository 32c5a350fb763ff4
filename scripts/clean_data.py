"""`make clean-data`: delete the embedded database and everything else under var/."""

import shutil
import sys

from config import embedded
from config.env import ROOT, env


def main() -> int:
    try:
        embedded.remove(env.var)
    except embedded.NotStarted as why:
        print(why, file=sys.stderr)
        return 1
    if env.var != ROOT / "var":
        print(f"The database is gone. Files and mails are still in {env.var}: that folder is yours to delete.")
        return 0
    shutil.rmtree(env.var)
    print("var/ is gone, with the database.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
