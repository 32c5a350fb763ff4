"""Real material under open licences: read where it lies, never copied into the project."""

import os
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parents[2]


def material(name: str) -> Path:
    """A folder or file of LEARNINGHUB_DATA; without it the test is skipped, which CI does not let pass."""
    folder = Path(os.environ.get("LEARNINGHUB_DATA", "../shared/data"))
    path = (_PROJECT / folder / name).resolve()
    if path.exists():
        return path
    reason = f"{name} is not in {folder} (set LEARNINGHUB_DATA)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


LATEX2EDX = "olx-mit-latex2edx-demo"
DEVOPS = "olx-mitodl-devops/input_testdata/content-devops-0001"
DEVOPS_SINGLE_FILE = "olx-mitodl-devops/input_testdata/content-devops-0001.out.xml"
