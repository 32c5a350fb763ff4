"""Holds the data against what must be true of it at every moment."""

import sys
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.invariants import BY_CODE, INVARIANTS
from config.invariants.checking import check


class Command(BaseCommand):
    help = "Check every invariant in one snapshot and write what was found as JSON; exit 1 at a breach."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", default="", help="these alone, by code, parted by commas")
        parser.add_argument("--files", action="store_true", help="also ask the store for every file that a row names")

    def handle(self, *args: Any, only: str, files: bool, **options: Any) -> None:
        if unknown := [code for code in only.split(",") if code and code not in BY_CODE]:
            raise CommandError(f"There is no {', '.join(unknown)}; there are {', '.join(BY_CODE)}.")
        chosen = [BY_CODE[code] for code in only.split(",") if code] or [
            one for one in INVARIANTS if files or not one.asks_store
        ]
        found = check(chosen)
        report = {
            "checked": len(found),
            "breached": [one.code for one in found if one.breaches],
            "invariants": [asdict(one) | {"seconds": round(one.seconds, 3)} for one in found],
        }
        self.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
        if report["breached"]:
            sys.exit(1)
