"""`make check`: everything that a tool can say about the code without running the tests."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config import embedded

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
        return _run_all()
    database = embedded.start(Path(tempfile.mkdtemp(prefix="learning-hub-check-")), durable=False)
    os.environ["DATABASE_URL"] = database.url
    try:
        return _run_all()
    finally:
        database.stop()


def _run_all() -> int:
    failed = [name for name, command in STEPS if not _passes(name, command)]
    print(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, command: tuple[str | Path, ...]) -> bool:
    print(f"  {name:<22}", end="", flush=True)
    began = time.monotonic()
    outcome = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    passed = outcome.returncode == 0
    print(f"{'ok' if passed else 'FAILED'} ({time.monotonic() - began:.1f} s)", flush=True)
    if not passed:
        print(outcome.stdout)
    return passed


if __name__ == "__main__":
    sys.exit(main())
