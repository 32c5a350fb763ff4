"""Reads from a statement what it locks: ten kinds of words are enough for those that we and Django write."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

_NOISE = re.compile(r"--[^\n]*|'[^']*'")
_TOKEN = re.compile(
    r"""(?P<open>\() | (?P<close>\)) | (?P<one_by_one>\border\s+by\b | \blimit\b | \bid"?\s*=\s*%)
    | (?P<lock>\bfor\s+(?:(?:no\s+key\s+)?update|share)\b
        (?:\s+of\s+"?(?P<of>\w+)"?)? (?P<tries>\s+(?:skip\s+locked|nowait))?)
    | (?P<conflict>\bon\s+conflict\b[^;]*?\bdo\s+(?P<then>update|nothing)\b)
    | (?P<insert>\binsert\s+into\s+"?(?P<into>\w+)"?)
    | (?P<write>\b(?:update|delete\s+from)\s+"?(?P<written>\w+)"?)
    | (?P<read>\b(?:from|join)\s+"?(?P<source>\w+)"?
        (?:\s+(?:as\s+)?"?(?!(?:where|on|join|left|inner|cross|order|for|limit|group|set|using|union)\b)(?P<alias>\w+))?)
    | (?P<advisory>\bpg_advisory_xact_lock\b)""",
    re.IGNORECASE | re.VERBOSE,
)


class Lock(NamedTuple):
    """What a statement locks; None is an advisory lock, whose name is among the parameters.

    A row made where there was none (`on conflict do nothing`) is not `in_the_way` of those who come later, until it is
    locked: they wait for it before they hold anything that hangs on it.
    """

    table: str | None
    waits: bool = True
    is_in_order: bool = True
    in_the_way: bool = True


@dataclass(slots=True)
class _Scope:
    """What stands between two parentheses."""

    tables: dict[str, str] = field(default_factory=dict)
    inserted: list[Lock] = field(default_factory=list)
    is_in_order: bool = False


@lru_cache(maxsize=10_000)
def locks_of(sql: str) -> tuple[Lock, ...]:
    """The locks that the statement takes, in the order of its text."""
    locks: list[Lock] = []
    scopes = [_Scope()]
    for token in _TOKEN.finditer(_NOISE.sub("", sql)):
        if token["open"]:
            scopes.append(_Scope())
        elif token["close"]:
            locks += scopes.pop().inserted
        else:
            locks += _read(token, scopes[-1])
    return (*locks, *scopes[0].inserted)


def _read(token: re.Match[str], scope: _Scope) -> list[Lock]:
    match token.lastgroup:
        case "write":
            return [Lock(token["written"])]
        case "advisory":
            return [Lock(None)]
        case "lock":
            tables = [scope.tables[token["of"]]] if token["of"] else dict.fromkeys(scope.tables.values())
            return [Lock(table, waits=not token["tries"], is_in_order=scope.is_in_order) for table in tables]
        case "conflict":  # with what is there: an update waits for it like any other
            updates = token["then"].lower() == "update"
            return [scope.inserted.pop()._replace(waits=updates, in_the_way=updates)]
        case "insert":
            scope.inserted.append(Lock(token["into"], waits=False))
        case "read":
            scope.tables |= dict.fromkeys((token["source"], token["alias"] or token["source"]), token["source"])
        case _:
            scope.is_in_order = True
    return []
