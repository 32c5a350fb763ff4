"""What people read is in every language of ours, and what is not said is in none."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
import rest_framework
from django.conf import settings
from django.utils.translation.template import templatize

from apps.gamification.rules import BADGES
from config.env import ROOT
from learninghub.errors import DomainError
from scripts.compile_messages import PLACES, messages

OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
_SAID_IN_TEMPLATES = re.compile(r"""(?<!\w)(?:gettext|_)\(u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)
_NAMES = re.compile(r"%\(\w+\)[sd]")


def files(pattern: str) -> Iterator[Path]:
    for place in PLACES:
        yield from (path for path in (ROOT / place).rglob(pattern) if path.is_file())


def in_templates() -> set[str]:
    said = set()
    for path in files("templates/**/*"):
        plain = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        said |= {ast.literal_eval(literal) for literal in _SAID_IN_TEMPLATES.findall(plain)}
    return said


def in_code() -> set[str]:
    said: set[str] = set()
    for path in files("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
            for alias in node.names
            if "gettext" in alias.name
        }
        said |= {
            node.args[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
            if isinstance(node.args[0], ast.Constant)
        }
    return said


def ours(language: str) -> set[str]:
    return {
        said
        for path in files(f"locale/{language}/LC_MESSAGES/*.po")
        for said in messages(path.read_text(encoding="utf-8"))
    }


def borrowed(language: str) -> set[str]:
    """Sentences that Django and its REST framework bring with their translations."""
    homes = [Path(django.__file__).parent / "conf", Path(rest_framework.__file__).parent]
    return {
        said
        for home in homes
        for said in gettext.translation("django", home / "locale", [language])._catalog
        if isinstance(said, str)
    }


def titles_of_errors() -> set[str]:
    """Pages show these, too: the sentence of an error is its docstring."""
    kinds, titles = [DomainError], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        titles.add(kind.title())
    return titles


NAMES_OF_BADGES = {badge.name for badge in BADGES}


def test_something_is_said():
    assert {"Confirm your e-mail address", "Valid certificate"} <= in_templates()
    assert "Use at least %(count)d characters." in in_code()


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_in_every_language(language: str):
    said = in_templates() | in_code() | NAMES_OF_BADGES
    assert sorted(said - ours(language) - borrowed(language)) == []


@pytest.mark.parametrize("path", sorted(files("LC_MESSAGES/*.po")), ids=lambda path: str(path.relative_to(ROOT)))
class TestACatalogue:
    def test_holds_only_what_is_said(self, path: Path):
        said = in_templates() | in_code() | NAMES_OF_BADGES | titles_of_errors()
        assert messages(path.read_text(encoding="utf-8")).keys() - said == {""}

    def test_keeps_the_names_in_each_sentence(self, path: Path):
        for said, translated in messages(path.read_text(encoding="utf-8")).items():
            assert sorted(_NAMES.findall(said)) == sorted(_NAMES.findall(translated)), said
