"""What a change of a pooled figure starts: a new edition."""

from __future__ import annotations


def pooled_triggers(
    question: str,
    before: tuple[float, float, float] | None,
    now: tuple[float, float, float] | None,
    important: float | None,
) -> list[str]:
    """Triggers of a new edition: the estimate leaves the interval it had; the interval crosses the
    minimal important difference, or no longer does.

    :param before: estimate and interval of the last edition, on the scale that is pooled
    """
    if now is None or before is None:
        if (now is None) != (before is None):
            return [f"{question}: {'pooled for the first time' if now else 'no longer pooled'}"]
        return []
    found = []
    if not before[1] <= now[0] <= before[2]:
        found.append(f"{question}: the pooled estimate left the interval of the last edition")
    if important is not None:
        crosses = [low < important < high for _, low, high in (before, now)]
        if crosses[0] != crosses[1]:
            word = "now crosses" if crosses[1] else "no longer crosses"
            found.append(f"{question}: the interval {word} the minimal important difference")
    return found
