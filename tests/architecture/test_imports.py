"""What imports and models may look like: the contracts, and what no import can show."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from config.env import ROOT
from learninghub.registry import SERVICES

OURS = ("learninghub", "apps", "config")

# Who stands where in DESIGN section 4, highest first; apps on one line never point at each other.
FLOORS = (
    ("gateway",),
    ("notifications", "gamification", "certificates", "reviews"),
    ("content",),
    ("assessments", "payments"),
    ("enrollments",),
    ("courses",),
    ("auth",),
    ("users",),
    ("media",),
)
FLOOR_OF = {app: floor for floor, row in enumerate(FLOORS) for app in row}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def app_of(model: type[models.Model]) -> str | None:
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "apps" else None


def test_the_five_import_contracts_hold():
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout
    assert "Contracts: 5 kept, 0 broken." in found.stdout


def test_every_app_of_the_registry_stands_on_a_floor():
    assert sorted(FLOOR_OF) == sorted(service.app for service in SERVICES)


def test_foreign_keys_point_down_and_leave_nothing_behind():
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey) or not (source := app_of(model)):
                continue
            target = app_of(field.related_model)
            if target in {None, source}:
                continue
            where = f"{model.__name__}.{field.name}"
            assert FLOOR_OF[target] > FLOOR_OF[source] or target == "users", f"{where} points up"
            assert field.remote_field.hidden, f"{where}: related_name must be '+'"
            assert field.remote_field.on_delete is models.PROTECT, f"{where} must PROTECT"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\bget_model\(", "models are reached through doors"),
        (r"django\.(db\.models|core|dispatch)[\w.]*\bsignals?\b|@receiver\b", "facts, not signals"),
        (r"\.delay\(|apply_async\(", "jobs are asked for in the outbox"),
        (r"cache_page|UpdateCacheMiddleware", "only explicit caches"),
    ],
)
def test_what_no_import_shows_is_absent(pattern: str, why: str):
    found = [str(path) for path in sources(*OURS) if re.search(pattern, path.read_text())]
    assert found == [], why


def test_the_environment_is_read_in_one_file():
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sources(*OURS)
        if re.search(r"\bos\.(environ|getenv)|\bgetenv\(", path.read_text())
    ]
    assert [path for path in found if not path.startswith("config/embedded/")] == ["config/env.py"]


@pytest.mark.parametrize("path", sorted(sources(*OURS, "scripts", "sandbox")), ids=str)
def test_no_file_outgrows_one_purpose(path: Path):
    lines = len(path.read_text().splitlines())
    assert lines <= (120 if path.name == "api.py" else 300)


def test_handlers_are_short_and_end_in_one_action():
    for path in (ROOT / "apps").glob("*/handlers.py"):
        for function in ast.parse(path.read_text()).body:
            if isinstance(function, ast.FunctionDef) and function.decorator_list:
                assert len(function.body) <= 5, f"{path}: {function.name}"


def test_no_model_has_a_save_of_its_own():
    found = [
        f"{path}:{function.lineno}"
        for path in sources("apps", "learninghub")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and function.name == "save"
    ]
    assert found == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_app_has_a_short_readme(service):
    text = (ROOT / "apps" / service.app / "README.md").read_text()
    assert 2 <= len(text.splitlines()) <= 25


def test_the_project_names_nothing_of_the_machine_it_was_made_on():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    suspicious = re.compile(r"/work/|/root/|lead/CONTRACT|pypi\.org|registry\.npmjs|files\.pythonhosted")
    mine = {"tests/architecture/test_imports.py"}
    texts = [
        path
        for path in tracked
        if path not in mine and Path(path).suffix in {".py", ".md", ".txt", ".in", ".sh", ".toml", ".yaml", ""}
    ]
    found = [
        path
        for path in texts
        if (ROOT / path).is_file() and suspicious.search((ROOT / path).read_text(errors="ignore"))
    ]
    assert found == []
