"""Fails where an app has two last migrations, or one that would lock or break a running database."""

import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    ours = {
        app.label for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT) and ".venv" not in app.path
    }
    graph = MigrationLoader(None).graph
    split = [label for label in sorted(ours) if len(graph.leaf_nodes(label)) > 1]
    for label in split:
        print(f"{label} has more than one last migration: {[name for _, name in graph.leaf_nodes(label)]}")
    linter = MigrationLinter(include_apps=sorted(ours), no_cache=True, quiet=["ok", "ignore", "warning"])
    linter.lint_all_migrations()
    return 1 if split or linter.has_errors else 0


if __name__ == "__main__":
    sys.exit(main())
