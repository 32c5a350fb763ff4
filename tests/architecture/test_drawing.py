"""Every line of the drawing has a proof that exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/drawing.md").read_text()
ROWS = {
    id_: (text, proof)
    for id_, text, proof in re.findall(r"^\| ([A-Z0-9]+-\d+) \| (.+?) \| (.*) \|$", PAGE, re.MULTILINE)
}
# How many lines each part of the drawing has: an id that goes missing is missed.
PARTS = {
    "OV": 7, "BOX": 46, "ARW": 38, "CDN": 5, "S3S": 3, "R53": 3, "WAF": 5, "SHD": 3, "VPC": 5, "SUB": 4,
    "ALB": 5, "EKS": 4, "GW": 5, "USR": 4, "AUT": 4, "CRS": 4, "ENR": 4, "PAY": 4, "MED": 4, "NOT": 4,
    "CON": 4, "ASM": 4, "REV": 4, "CRT": 4, "GAM": 4, "RDS": 7, "REP": 4, "ORM": 4, "RED": 6, "CST": 4,
    "MQ": 5, "MSG": 3, "STA": 4, "MDB": 4, "BKP": 4, "ECR": 4, "CW": 4, "MET": 5, "XR": 4, "EVB": 4,
    "SSM": 4, "GH": 4, "JEN": 4, "CB": 4, "DEP": 7, "ENV": 3, "STR": 4, "SMT": 4, "SEN": 4, "FL1": 4,
    "FL2": 4, "FL3": 3, "FL4": 4, "NSC": 5, "DSC": 5, "ASC": 5, "SCL": 4, "AVL": 4, "PRF": 4, "CO": 5,
    "EST": 7, "DR": 8, "FUT": 8, "BEN": 6,
}  # fmt: skip
TO_COME = "to come"
HERE = Path(__file__).relative_to(ROOT)
BUYING = "tests/payments/test_buying.py"


def fault(proof: str) -> str:
    """What is wrong with one proof; empty when it exists."""
    kind, _, rest = proof.partition(" ")
    if kind == "decision":
        return "" if list((ROOT / "docs/decisions").glob(f"{rest}-*.md")) else f"no decision {rest}"
    if kind == "make":
        return "" if re.search(rf"^{rest}:", (ROOT / "Makefile").read_text(), re.MULTILINE) else f"no target {rest}"
    path, *names = proof.split("::")
    if not (ROOT / path).is_file():
        return f"no file {path}"
    return "" if not names or names in named_in(path) else f"no test {proof}"


@cache
def named_in(path: str) -> list[list[str]]:
    """The tests of a file, each by the names that pytest has for it: its class, where it has one, and its own."""
    named = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    top = [node for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, named)]
    members = [(node.name, member) for node in top if isinstance(node, ast.ClassDef) for member in node.body]
    alone = [[node.name] for node in top]
    return alone + [[name, member.name] for name, member in members if isinstance(member, named)]


def test_every_line_of_the_drawing_has_a_row_and_no_row_is_made_up():
    assert set(ROWS) == {f"{part}-{number}" for part, count in PARTS.items() for number in range(1, count + 1)}
    assert PAGE.count("\n| ") == len(ROWS) + 1


def test_every_proof_exists():
    faults = {}
    for id_, (_, cell) in ROWS.items():
        proofs = (
            [] if cell == TO_COME else re.fullmatch(r"`[^`]+`(, `[^`]+`)*", cell) and re.findall(r"`([^`]+)`", cell)
        )
        if proofs is None:
            faults[id_] = f"not a list of proofs: {cell}"
        elif found := [what for what in map(fault, proofs) if what]:
            faults[id_] = found
    assert faults == {}


def test_what_is_to_come_is_counted():
    coming = [id_ for id_, (_, cell) in ROWS.items() if cell == TO_COME]
    assert f"{len(coming)} of {len(ROWS)} lines" in PAGE


def test_a_proof_that_does_not_exist_is_a_fault():
    assert [
        bool(fault(proof))
        for proof in (
            "decision 9999",
            "make nothing",
            "tests/none.py",
            f"{HERE}::test_none",
            f"{HERE}::TestNone::test_every_proof_exists",
            f"{BUYING}::test_gives_access_and_enters_the_books",
            f"{BUYING}::TestACheckout::test_gives_access_and_enters_the_books",
            f"{BUYING}::TestAPayment::test_gives_access_and_enters_the_books",
        )
    ] == [True] * 7 + [False]
