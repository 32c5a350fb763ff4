import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import check  # noqa: E402


@dataclass(frozen=True)
class Templates:
    """What one synthesis wrote: every stack's resources, by type."""

    stacks: dict[str, dict]

    def stack(self, name: str) -> dict:
        return self.stacks[f"LearningHub{name}"]["Resources"]

    def all(self, kind: str, **wanted: object) -> list[dict]:
        """Properties of the resources of a kind (without `AWS::`) that have these values."""
        return [
            one.get("Properties", {}) for one in self.raw(kind) if wanted.items() <= one.get("Properties", {}).items()
        ]

    def raw(self, kind: str) -> Iterator[dict]:
        for stack in self.stacks.values():
            yield from (one for one in stack["Resources"].values() if one["Type"] == f"AWS::{kind}")

    def one(self, kind: str, **wanted: object) -> dict:
        found = self.all(kind, **wanted)
        assert len(found) == 1, f"{len(found)} of {kind} {wanted}"
        return found[0]

    def text(self) -> str:
        return json.dumps(self.stacks)


def _synthesised(folder: Path, flags: tuple[str, ...]) -> Templates:
    newest = max(path.stat().st_mtime for path in (HERE / "learninghub_infra").glob("*.py"))
    if not (folder / "manifest.json").exists() or (folder / "manifest.json").stat().st_mtime < newest:
        outcome = check.synthesise(folder, flags)
        assert outcome.returncode == 0, outcome.stdout[-4000:]
    return Templates(
        {
            path.name.removesuffix(".template.json"): json.loads(path.read_text())
            for path in folder.glob("*.template.json")
        }
    )


@pytest.fixture(scope="session")
def plain() -> Templates:
    return _synthesised(check.PLAIN, ())


@pytest.fixture(scope="session")
def full() -> Templates:
    """Every flag up."""
    return _synthesised(check.FULL, check.FLAGS)
