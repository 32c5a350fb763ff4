"""Answers that a problem computes from constants: calculated here without running any of the course's Python."""

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

MAX_EXPONENT: Final = 60
MAX_MAGNITUDE: Final = 10**MAX_EXPONENT
MAX_EXPRESSION: Final = 200
MAX_SCRIPTS: Final = 200_000

_VARIABLE = re.compile(r"\$(?:\{\s*([A-Za-z_]\w*)\s*\}|([A-Za-z_]\w*))")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_ROUNDING: Final = Context(prec=15)


Names = Callable[[str], "Fraction | str | None"]


class NotConstant(Exception):
    """The value is more than arithmetic on constants."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as text, and whether it had to be calculated."""

    text: str
    is_calculated: bool


class Constants:
    """What the scripts of one problem assign exactly once, at the top level, from constants; found when asked for."""

    def __init__(self, scripts: Iterable[str]) -> None:
        text = "\n".join(script.replace("\r\n", "\n") for script in scripts)
        # A program longer than this is more than the numbers of a problem; searching it has to stay quick.
        self._text = text if len(text) <= MAX_SCRIPTS else ""
        self._values: dict[str, Fraction | str | None] = {}

    def number(self, text: str) -> Number:
        """Read a number: as written, a variable of the scripts, or arithmetic. NotConstant for all else."""
        text = text.strip()
        if _PLAIN.fullmatch(text):
            return Number(text=text, is_calculated=False)
        expression = _VARIABLE.sub(lambda found: found.group(1) or found.group(2), text).replace("^", "**")
        value = _evaluate(expression, self._value, true_division=True)
        if isinstance(value, str):
            raise NotConstant(text)
        return Number(text=_written(value), is_calculated=True)

    def text(self, text: str) -> str:
        """Put the scripts' constants into a text; NotConstant where it names another variable."""

        def value_of(found: re.Match[str]) -> str:
            value = self._value(found.group(1) or found.group(2))
            if value is None:
                raise NotConstant(text)
            return value if isinstance(value, str) else _written(value)

        return _VARIABLE.sub(value_of, text)

    def _value(self, name: str) -> Fraction | str | None:
        if name not in self._values:
            # None meanwhile, so that a name that leads back to itself has no value.
            self._values[name] = None
            self._values[name] = self._find(name)
        return self._values[name]

    def _find(self, name: str) -> Fraction | str | None:
        assigned = re.search(rf"^{re.escape(name)}[ \t]*=(?!=)([^\n]*)$", self._text, re.MULTILINE)
        if assigned is None or not _is_assigned_once(name, self._text):
            return None
        try:
            return _evaluate(assigned.group(1), self._value, true_division=False)
        except NotConstant:
            return None


def _is_assigned_once(name: str, text: str) -> bool:
    word = re.escape(name)
    writes = re.findall(rf"\b{word}\b(?:\s*,\s*\w+)*\s*(?:[-+*/%|&^]|//|\*\*)?=(?!=)", text)
    others = re.search(rf"\b(?:for|as|global|del|def|class|import)\s+(?:\w+\s*,\s*)*{word}\b|,\s*{word}\s*=(?!=)", text)
    return len(writes) == 1 and not others


def _evaluate(expression: str, names: Names, *, true_division: bool) -> Fraction | str:
    if len(expression) > MAX_EXPRESSION:
        raise NotConstant(expression[:40])
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return tree.value
        return _fold(tree, names, true_division=true_division)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, InvalidOperation) as error:
        raise NotConstant(expression) from error


def _fold(node: ast.expr, names: Names, *, true_division: bool) -> Fraction:
    value: Fraction | str | None = None
    match node:
        case ast.Constant(value=bool() | complex() | None):
            pass
        case ast.Constant(value=int() | float() as number):
            value = Fraction(str(number))
        case ast.Name(id=name):
            value = names(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = -_fold(operand, names, true_division=true_division)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            value = _fold(operand, names, true_division=true_division)
        case ast.BinOp(left=left, op=operator, right=right):
            value = _combine(
                operator,
                _fold(left, names, true_division=true_division),
                _fold(right, names, true_division=true_division),
                true_division=true_division,
            )
        case _:
            pass
    if not isinstance(value, Fraction) or abs(value) > MAX_MAGNITUDE:
        raise NotConstant(ast.dump(node)[:80])
    return value


def _combine(operator: ast.operator, left: Fraction, right: Fraction, *, true_division: bool) -> Fraction | None:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            # Courses of that time run under Python 2, where 3/2 is 1: only what both understand alike is taken.
            whole = left.denominator == right.denominator == 1 and (left / right).denominator != 1
            return None if whole and not true_division else left / right
        case ast.Pow() if right.denominator == 1 and abs(right) <= MAX_EXPONENT and abs(left) <= 10**6:
            return Fraction(left ** int(right))
        case _:
            return None


def _written(value: Fraction) -> str:
    number = _ROUNDING.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize()
    return f"{number:f}" if abs(number.adjusted()) < 15 else str(number)
