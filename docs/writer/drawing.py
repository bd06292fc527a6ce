"""The rooms as a drawing: boxes by level, and an arrow for each import that no other implies."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from docs.writer.rooms import House

WIDTH, BOX_WIDTH, BOX_HEIGHT, GAP, MARGIN = 920, 270, 74, 46, 24
LETTERS, LINES = 42, 3
"""Letters of a line inside a box, and lines of words."""
STYLE = """
  .paper { fill: #ffffff }
  rect.room { fill: #f4f6f8; stroke: #5b6b7a; stroke-width: 1 }
  text { font-family: sans-serif; fill: #1d2733; text-anchor: middle }
  text.name { font-size: 14px; font-weight: bold }
  text.words { font-size: 11px; fill: #44525f }
  path.arrow { fill: none; stroke: #5b6b7a; stroke-width: 1.4; marker-end: url(#head) }
"""
HEAD = (
    '<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#5b6b7a"/></marker>'
)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a room stands: the middle of its box, and the box's upper edge; pixels."""

    middle: float
    top: float


def drawing_svg(house: House) -> str:
    """Return the drawing as SVG; the same house gives the same bytes.

    What imports stands above what it imports. Arrows that a path of others implies are left out;
    each has the rooms that it joins as ``data-from`` and ``data-to``.
    """
    boxes = _boxes(house)
    height = max(box.top for box in boxes.values()) + BOX_HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img">',
        "<title>The rooms of Headroom, and which of them imports which</title>",
        f"<defs>{HEAD}<style>{STYLE}</style></defs>",
        f'<rect class="paper" width="{WIDTH}" height="{height:g}"/>',
        *(_arrow(a, b, boxes) for a, b in sorted(house.reduced())),
    ]
    for name, box in boxes.items():
        parts += _drawn(name, house.rooms[name].words, box)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _boxes(house: House) -> dict[str, Box]:
    """Return where each room stands: one row a level, the last level on top."""
    found = {}
    for row, names in enumerate(reversed(house.levels)):
        top = MARGIN + row * (BOX_HEIGHT + GAP)
        for place, name in enumerate(names):
            found[name] = Box(WIDTH * (2 * place + 1) / (2 * len(names)), top)
    return found


def _arrow(start: str, end: str, boxes: dict[str, Box]) -> str:
    a, b = boxes[start], boxes[end]
    low = a.top + BOX_HEIGHT
    bend = (b.top - low) / 2
    path = (
        f"M{a.middle:g},{low:g} C{a.middle:g},{low + bend:g} {b.middle:g},{b.top - bend:g} "
        f"{b.middle:g},{b.top:g}"
    )
    names = f'data-from="{escape(start)}" data-to="{escape(end)}"'
    return f'<path class="arrow" {names} d="{path}"/>'


def _drawn(name: str, words: str, box: Box) -> Iterator[str]:
    left = box.middle - BOX_WIDTH / 2
    yield (
        f'<rect class="room" x="{left:g}" y="{box.top:g}" width="{BOX_WIDTH}" '
        f'height="{BOX_HEIGHT}" rx="6"/>'
    )
    yield f'<text class="name" x="{box.middle:g}" y="{box.top + 20:g}">{escape(name)}</text>'
    plain = words.replace("`", "").rstrip(".")
    lines = textwrap.wrap(plain, LETTERS, max_lines=LINES, placeholder=" ...")
    for index, line in enumerate(lines):
        down = box.top + 37 + 14 * index
        yield f'<text class="words" x="{box.middle:g}" y="{down:g}">{escape(line)}</text>'
