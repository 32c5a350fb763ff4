"""`make check`: everything that a tool can say about the code without running the tests."""

import os
import sys
import tempfile
from pathlib import Path

from config import embedded
from scripts import steps

BIN = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")
STEPS = (
    ("lint", (BIN / "ruff", "check", "--quiet", ".")),
    ("format", (BIN / "ruff", "format", "--check", "--quiet", ".")),
    ("types", (BIN / "mypy", "apps", "config", "learninghub", "scripts")),
    ("import contracts", (BIN / "lint-imports", "--no-cache")),
    ("system check", (*MANAGE, "check", "--fail-level", "WARNING")),
    ("no migration missing", (*MANAGE, "makemigrations", "--check", "--dry-run")),
    ("migrations", (sys.executable, "-m", "scripts.check_migrations")),
    ("openapi.yaml", (sys.executable, "-m", "scripts.check_openapi")),
)


def main() -> int:
    if os.environ.get("DATABASE_URL"):
        return steps.run(STEPS)
    database = embedded.start(Path(tempfile.mkdtemp(prefix="learning-hub-check-")), durable=False)
    os.environ["DATABASE_URL"] = database.url
    try:
        return steps.run(STEPS)
    finally:
        database.stop()


if __name__ == "__main__":
    sys.exit(main())
