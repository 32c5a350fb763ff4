"""`make infra-check` where its Node is missing: it says so, and in CI it fails."""

import importlib.util
import sys
from types import ModuleType

import pytest

from config.env import ROOT


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("infra_check", ROOT / "infra" / "cdk" / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "infra_check", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "NODE", None)  # as where its wheel brings none
    return module


@pytest.mark.parametrize(("is_ci", "code"), [(True, 1), (False, 0)], ids=["in CI", "at home"])
def test_without_node_it_says_that_nothing_was_checked(
    check: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_ci: bool, code: int
) -> None:
    monkeypatch.delenv("CI", raising=False)
    if is_ci:
        monkeypatch.setenv("CI", "true")
    assert check.main() == code
    assert "Nothing of infra/ was checked" in capsys.readouterr().out
