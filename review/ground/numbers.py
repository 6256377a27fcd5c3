"""How numbers are printed: one place for tables, prose and plots, so that they can't disagree."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
THIN = "\N{NARROW NO-BREAK SPACE}"


def number(value: float | None, places: int = 2) -> str:
    """A number with a true minus sign; a rounded nought has none; a dash where no value is."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return f"{MINUS if value < 0 else ''}∞"
    printed = f"{abs(value):.{places}f}"
    negative = value < 0 and float(printed) != 0
    return f"{MINUS if negative else ''}{printed}"


def interval(low: float | None, high: float | None, places: int = 2, to: str = "to") -> str:
    """An interval, a word between its ends since one may be negative."""
    return f"{number(low, places)} {to} {number(high, places)}"


def p_value(p: float) -> str:
    """A P value: two digits that count, three decimals at most, "< 0.001" below."""
    if p < 0.001:
        return "< 0.001"
    return f"{p:.3f}" if p < 0.01 else f"{p:.2f}"


def places_for(widths: Sequence[float]) -> int:
    """Decimals with which the narrowest of some intervals still shows two digits; two to six."""
    narrow = min((one for one in widths if one > 0 and math.isfinite(one)), default=1.0)
    return min(6, max(2, 2 - math.floor(math.log10(narrow))))


def percent(share: float, places: int = 1) -> str:
    """A share between 0 and 1 as a percentage."""
    return f"{number(100 * share, places)}{THIN}%"


def of_people(events: float, total: float, of: str = " of ") -> str:
    """Events with their denominator."""
    return f"{events:g}{of}{total:g}"
