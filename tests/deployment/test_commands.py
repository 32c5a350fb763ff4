"""The commands and the locked requirements, as files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETS = ("base", "local", "test", "dev", "production")


def test_help_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    shown = subprocess.check_output(["make", "--no-print-directory", "help"], cwd=ROOT, text=True)
    explained = [line.split()[0:2] for line in shown.splitlines()]
    assert sorted(target for _, target in explained) == sorted(phony[1].split())
    assert sorted(re.findall(r"^([a-z0-9-]+):(?!=)", makefile, re.MULTILINE)) == sorted(phony[1].split())


@pytest.mark.parametrize("name", SETS)
def test_requirements_are_locked_by_hash_and_name_no_place(name: str) -> None:
    wanted = (ROOT / "requirements" / f"{name}.in").read_text()
    locked = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.findall(
        r"^(\S+?)==\S+(?: ; [^\\\n]*)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", locked, re.MULTILINE
    )
    pinned = re.findall(r"^[a-z0-9].*==", locked, re.MULTILINE)
    assert len(entries) == len(pinned) > 50
    assert not re.search(r"https?://|file:|--index|--find-links|(?<!sha256:)\b/[a-z]+/", locked + wanted)
    for pin in re.findall(r"^([a-z0-9-]+)(?:\[\S+\])?(==\S+)?$", wanted, re.MULTILINE):
        assert "".join(pin) in locked


def test_each_set_holds_the_versions_of_the_one_below() -> None:
    def versions(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))

    assert versions("base") < versions("local") < versions("test") < versions("dev")
    assert versions("base") <= versions("production")
