"""Form-encoded parameters as Stripe nests them: `line_items[0][price_data][currency]=eur`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import invalid

_NAME = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])*")
_PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def decode(encoded: str) -> dict[str, Any]:
    """The tree that the pairs describe; a list is written by its numbers or by `[]`."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        if not _NAME.fullmatch(name):
            raise invalid(f"Invalid parameter name: {name}", param=name)
        *path, last = _PART.findall(name)
        branch = tree
        for part in path:
            branch = branch.setdefault(_numbered(part, branch), {})
            if not isinstance(branch, dict):
                raise invalid(f"Invalid parameter name: {name}", param=name)
        branch[_numbered(last, branch)] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def _numbered(part: str, branch: dict[str, Any]) -> str:
    return part or str(len(branch))


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    branches = {name: _with_lists(branch) for name, branch in value.items()}
    if all(name.isdecimal() for name in branches):
        return [branches[name] for name in sorted(branches, key=int)]
    return branches
