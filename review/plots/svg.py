"""The canvas: a picture with its title and description, and the marks that stand on it.

Coordinates are pixels from the upper left corner. Each function gives a mark as text; ``extra`` are
further attributes as they are printed, with a blank before each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape as _escaped

STYLE = (
    "svg{color:#1b1b1b;background:#fff;font-family:system-ui,sans-serif}"
    ".plot-accent{fill:#0072b2;stroke:#0072b2}.plot-faint{fill:#777;stroke:#777}"
    ".plot-level-1{fill:#009e73}.plot-level-2{fill:#56b4e9}.plot-level-3{fill:#0072b2}"
    ".plot-level-4{fill:#e69f00}.plot-level-5{fill:#d55e00}"
    "@media (prefers-color-scheme:dark){svg{color:#eaeaea;background:#1b1b1b}"
    ".plot-accent{fill:#56b4e9;stroke:#56b4e9}.plot-faint{fill:#aaa;stroke:#aaa}}"
)
FONT, SMALL_FONT = 12.5, 11.5
"""Sizes of letters: where nothing else is said, and of marks and ticks."""
BOLD, SMALL = ' font-weight="600"', f' font-size="{SMALL_FONT}"'
"""How words may look, as ``extra``."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Text as XML may hold it; characters that XML knows none of are left out."""
    return _escaped(_NO_XML.sub("", text), {'"': "&quot;"})


def at(value: float) -> str:
    """A coordinate: two decimals at most, no minus nought."""
    printed = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if printed in ("-0", "") else printed


def width_of(text: str, size: float = FONT) -> float:
    """How wide a text is drawn, about; wide characters count double."""
    return sum(size * (1.0 if ord(sign) > 0x2E80 else 0.56) for sign in text)


def clip(text: str, width: float, size: float = FONT) -> str:
    """A text that fits, with an ellipsis where it was cut."""
    if width_of(text, size) <= width:
        return text
    kept = ""
    for sign in text:
        if width_of(f"{kept}{sign}…", size) > width:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def picture(
    width: int, height: int, title: str, desc: str, body: Sequence[str], alone: bool
) -> str:
    """The whole picture with its title and description.

    :param alone: for a file of its own, which brings the colours with it
    """
    style = f"<style>{STYLE}</style>" if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" class="plot" font-size="{FONT}">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{style}{''.join(body)}</svg>\n"
    )


def text(x: float, y: float, words: str, anchor: str = "start", extra: str = "") -> str:
    """Words on a line; nothing where there are none."""
    if not words:
        return ""
    return (
        f'<text x="{at(x)}" y="{at(y)}" text-anchor="{anchor}" fill="currentColor"{extra}>'
        f"{escape(words)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, extra: str = "") -> str:
    """A straight line between two places."""
    ends = f'x1="{at(x1)}" y1="{at(y1)}" x2="{at(x2)}" y2="{at(y2)}"'
    return f'<line {ends} stroke="currentColor"{extra}/>'


def group(title: str, parts: Sequence[str]) -> str:
    """Marks that are one thing, with what is told of it."""
    return f"<g><title>{escape(title)}</title>{''.join(parts)}</g>"


def rectangle(
    x: float, y: float, width: float, height: float, kind: str = "", extra: str = ""
) -> str:
    """A rectangle from its upper left corner; ``kind`` is its class."""
    size = f'width="{at(width)}" height="{at(height)}"'
    return f'<rect{_class(kind)} x="{at(x)}" y="{at(y)}" {size}{extra}/>'


def polygon(corners: Sequence[tuple[float, float]], kind: str = "", extra: str = "") -> str:
    """An area within corners; ``kind`` is its class."""
    points = " ".join(f"{at(x)},{at(y)}" for x, y in corners)
    return f'<polygon{_class(kind)} points="{points}"{extra}/>'


def circle(
    x: float, y: float, radius: float, kind: str = "", extra: str = "", title: str = ""
) -> str:
    """A disc around a place; ``kind`` is its class, ``title`` what is told of it."""
    shape = f'<circle{_class(kind)} cx="{at(x)}" cy="{at(y)}" r="{at(radius)}"{extra}'
    return f"{shape}><title>{escape(title)}</title></circle>" if title else f"{shape}/>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
