"""`make image-check` where no engine is: one line says so; and CI, which asks for it among all other checks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import ROOT

CHECKS = ("check", "infra-check", "k8s-check", "test", "faults-quick", "image-check")


@pytest.mark.parametrize(
    ("docker", "why"),
    [
        (None, "docker is not installed"),
        ("exit 1", "no Docker engine runs here"),
        ('[ "$1" = info ]', "the compose plugin (version 2) is not installed"),
    ],
    ids=["no client", "no engine", "no compose"],
)
def test_without_an_engine_it_says_that_nothing_was_built(tmp_path: Path, docker: str | None, why: str) -> None:
    if docker:
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{docker}\n")
        (tmp_path / "docker").chmod(0o755)

    done = subprocess.run(
        [sys.executable, "-m", "scripts.image", "--no-start"],
        cwd=ROOT, env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"The image was NOT built or run: {why}")
    assert done.stdout.count("\n") == 1


def test_ci_runs_every_check_and_names_those_that_fail() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    run = re.findall(r"^[^#\n]*\bmake (?:--keep-going )?([a-z8 -]+[a-z])[^|\n]*", script, re.MULTILINE)
    named = re.findall(r'\|\| failed=.*make ([a-z8 -]+)"$', script, re.MULTILINE)
    for check in CHECKS:
        assert [where for where in run if check in where.split()], check
        assert [where for where in named if check in where.split()], check
