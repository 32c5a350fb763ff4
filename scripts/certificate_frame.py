"""Draws the certificate's frame and seal as PDF operators: apps/certificates/paper/frame.pdfops."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "apps/certificates/paper/frame.pdfops"
INK = "0.114 0.169 0.271 RG"
GOLD = "0.663 0.510 0.235 RG"
WIDTH, HEIGHT = 297.0, 210.0
Point = tuple[float, float]


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def numbers(*points: Point) -> str:
    return " ".join(f"{number(x)} {number(y)}" for x, y in points)


def stroke(paths: Iterable[str], *, colour: str, width: float) -> str:
    return f"{colour} {width} w\n" + "\n".join(paths) + "\nS"


def ring(radius: Callable[[float], float], steps: int) -> str:
    """A closed curve around the origin, smooth through its points (Catmull-Rom)."""
    angles = [2 * math.pi * step / steps for step in range(steps)]
    points = [(radius(angle) * math.cos(angle), radius(angle) * math.sin(angle)) for angle in angles]
    path = [f"{numbers(points[0])} m"]
    for here in range(steps):
        before, start, end, after = (points[(here + offset) % steps] for offset in (-1, 0, 1, 2))
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        path.append(f"{numbers(first, second, end)} c")
    return "\n".join([*path, "h"])


def rosette(*, radius: float, depth: float, petals: int, turns: int) -> list[str]:
    def turned(turn: int) -> Callable[[float], float]:
        return lambda angle: radius + depth * math.cos(petals * angle + turn * 2 * math.pi / turns)

    return [ring(turned(turn), petals * 4) for turn in range(turns)]


def circle(radius: float) -> str:
    return ring(lambda _angle: radius, 12)


def wave(*, length: float, periods: int, depth: float, phase: float) -> str:
    """A sine along the x axis, one cubic from crest to trough (0.3642: the best fit of a cubic to half a cosine)."""
    half = length / periods / 2
    start = -phase * 2 * half
    path = [f"{numbers((start, depth))} m"]
    for step in range(int(periods * 2 + phase * 2 + 1)):
        x, y = start + step * half, depth if step % 2 == 0 else -depth
        path.append(f"{numbers((x + 0.3642 * half, y), (x + 0.6358 * half, -y), (x + half, -y))} c")
    return "\n".join(path)


def strip(*, length: float, periods: int) -> list[str]:
    """A band of interlaced waves along the x axis, cut to its length."""
    phases = [step / 6 for step in range(6)]
    waves = [wave(length=length, periods=periods, depth=1.75, phase=phase) for phase in phases]
    return [
        f"0 -2.5 {number(length)} 5 re W n",
        stroke(waves[::2], colour=GOLD, width=0.14),
        stroke(waves[1::2], colour=INK, width=0.09),
    ]


def placed(x: float, y: float, drawing: Iterable[str], *, upright: bool = False) -> str:
    turn = "0 1 -1 0" if upright else "1 0 0 1"
    return "\n".join([f"q {turn} {number(x)} {number(y)} cm", *drawing, "Q"])


def corner() -> list[str]:
    return [
        stroke(rosette(radius=2.7, depth=1.0, petals=8, turns=3), colour=GOLD, width=0.12),
        stroke(rosette(radius=1.5, depth=0.9, petals=8, turns=2), colour=INK, width=0.12),
        stroke([circle(4.2)], colour=GOLD, width=0.2),
    ]


def seal() -> list[str]:
    return [
        stroke(rosette(radius=19.1, depth=1.9, petals=36, turns=4), colour=GOLD, width=0.12),
        stroke(rosette(radius=19.1, depth=0.9, petals=36, turns=2), colour=INK, width=0.1),
        stroke([circle(16.9), circle(21.4)], colour=GOLD, width=0.3),
        stroke([circle(16.4)], colour=INK, width=0.1),
    ]


def frame() -> str:
    """The whole page, in millimetres from its lower left corner."""
    edge, inside = 9.0, 14.5
    length, height = WIDTH - 2 * inside - 11, HEIGHT - 2 * inside - 11
    lines = [
        f"{edge} {edge} {WIDTH - 2 * edge} {HEIGHT - 2 * edge} re",
        f"{edge + 11} {edge + 11} {WIDTH - 2 * edge - 22} {HEIGHT - 2 * edge - 22} re",
    ]
    corners = [(x, y) for x in (inside, WIDTH - inside) for y in (inside, HEIGHT - inside)]
    drawn = [
        stroke(lines[:1], colour=INK, width=0.35),
        stroke(lines[1:], colour=GOLD, width=0.15),
        *(placed(inside + 5.5, y, strip(length=length, periods=32)) for y in (inside, HEIGHT - inside)),
        *(placed(x, inside + 5.5, strip(length=height, periods=21), upright=True) for x in (inside, WIDTH - inside)),
        *(placed(x, y, corner()) for x, y in corners),
        placed(WIDTH / 2, 55, seal()),
    ]
    return "\n".join([f"{72 / 25.4:.6f} 0 0 {72 / 25.4:.6f} 0 0 cm", *drawn, ""])


if __name__ == "__main__":
    TARGET.write_text(frame())
