"""The PRISMA 2020 flow as text and as a diagram."""

from __future__ import annotations

from typing import Any

from review.publishing.pages.views import Labels, Site
from review.selection.flow import Flow


def flow_lines(site: Site, t: Labels) -> tuple[list[str], list[str]]:
    """Every number of the diagram as text, and the sums that close."""
    f, criteria = site.review.flow, site.library.protocol
    lines = [
        t("flow.previous_reports", n=f.previous_reports),
        t("flow.by_hand", n=f.by_hand),
        t("flow.background_reports", n=f.background),
    ]
    lines.append(t("flow.identified", n=f.identified))
    lines += [t("flow.source", source=s, n=n) for s, n in f.by_source]
    removed = f.duplicates + f.notices + f.already_previous
    lines += [
        t("flow.other", n=f.other_methods),
        t("flow.removed", n=removed),
        t("flow.duplicates", n=f.duplicates),
        t("flow.notices", n=f.notices),
        t("flow.known", n=f.already_previous),
        t("flow.to_screen", n=f.to_screen),
        t("flow.awaiting", n=f.awaiting_screening),
        t("flow.conflicts", n=f.conflicts_title_abstract),
        t("flow.screened", n=f.screened),
        t("flow.excluded", n=f.excluded_title_abstract),
        t("flow.sought", n=f.sought),
        t("flow.awaiting_full", n=f.awaiting_full_text),
        t("flow.assessed", n=f.assessed) if f.assessed else t("flow.no_full"),
    ]
    for criterion_id, n in f.excluded_full_text:
        criterion = criteria.criterion(criterion_id)
        text = criterion.text[t.language] if criterion else criterion_id
        lines.append(f"{t('flow.excluded_full', n=n)} ({text})")
    lines.append(t("flow.included_new", n=f.included_reports))
    if f.removed:
        lines.append(t("flow.left", n=f.removed))
    lines += [
        t("flow.total", n=f.total_reports),
        t("flow.studies", n=f.total_studies),
    ]
    if f.retracted_included:
        lines.append(t("flow.retracted", n=f.retracted_included))
    return lines, _proofs(f, removed, t)


def _proofs(f: Flow, removed: int, t: Labels) -> list[str]:
    """The sums that close, as text."""
    return [
        t("flow.proof1", a=f.identified, b=removed, c=f.to_screen),
        t(
            "flow.proof2",
            a=f.to_screen,
            b=f.screened,
            c=f.awaiting_screening,
            d=f.conflicts_title_abstract,
        ),
        t("flow.proof3", a=f.screened, b=f.excluded_title_abstract, c=f.sought),
        t(
            "flow.proof4",
            a=f.sought,
            b=f.assessed,
            c=f.awaiting_full_text,
            d=f.conflicts_full_text,
        ),
        t(
            "flow.proof5_left" if f.removed else "flow.proof5",
            e=f.removed,
            a=f.total_reports,
            b=f.included_reports,
            c=f.previous_reports,
            d=f.by_hand,
        ),
    ]


def diagram(site: Site, t: Labels) -> dict[str, Any]:
    """Boxes and arrows of the PRISMA 2020 flow, placed on a grid."""
    f = site.review.flow
    left, middle, right, width, gap = 10, 250, 560, 280, 26
    wide = {"left": 228, "middle": width, "right": 290}
    sources = [t("flow.source", source=s, n=n) for s, n in f.by_source]
    removed = f.duplicates + f.notices + f.already_previous
    excluded = [f"{criterion}: {n}" for criterion, n in f.excluded_full_text]
    steps: list[tuple[list[str], list[str]]] = [
        (
            [t("flow.identified", n=f.identified), *sources, t("flow.other", n=f.other_methods)],
            [
                t("flow.removed", n=removed),
                t("flow.duplicates", n=f.duplicates),
                t("flow.notices", n=f.notices),
                t("flow.known", n=f.already_previous),
            ],
        ),
        (
            [t("flow.to_screen", n=f.to_screen), t("flow.screened", n=f.screened)],
            [
                t("flow.excluded", n=f.excluded_title_abstract),
                t("flow.awaiting", n=f.awaiting_screening),
                t("flow.conflicts", n=f.conflicts_title_abstract),
            ],
        ),
        (
            [t("flow.sought", n=f.sought)],
            [
                t("flow.awaiting_full", n=f.awaiting_full_text),
                t("flow.conflicts", n=f.conflicts_full_text),
            ],
        ),
        (
            [t("flow.assessed", n=f.assessed) if f.assessed else t("flow.no_full")],
            [t("flow.excluded_full", n=sum(n for _, n in f.excluded_full_text)), *excluded],
        ),
        (
            [t("flow.included_new", n=f.included_reports)],
            [t("flow.left", n=f.removed)] if f.removed else [],
        ),
        (
            [
                t("flow.total", n=f.total_reports),
                t("flow.studies", n=f.total_studies),
                t("flow.retracted", n=f.retracted_included),
            ],
            [],
        ),
    ]
    boxes: list[dict[str, Any]] = []
    arrows: list[dict[str, str]] = []
    y = 10
    centre = middle + width // 2
    for index, (main, side) in enumerate(steps):
        height = 14 + 18 * max(len(main), len(side))
        boxes.append({"x": middle, "y": y, "w": wide["middle"], "h": height, "lines": main})
        if side:
            boxes.append({"x": right, "y": y, "w": wide["right"], "h": height, "lines": side})
            at = y + height // 2
            arrows.append(_arrow(middle + width, at, right, at))
        if index < len(steps) - 1:
            arrows.append(_arrow(centre, y + height, centre, y + height + gap))
        y += height + gap
    last = boxes[-1]
    previous = [
        t("flow.previous"),
        t("flow.reports", n=f.previous_reports),
        t("flow.hand"),
        t("flow.reports", n=f.by_hand),
    ]
    boxes.append({"x": left, "y": 10, "w": wide["left"], "h": 86, "lines": previous})
    if f.background:
        # Beside the way of the included studies, and no arrow leads from it.
        aside = [t("flow.background"), t("flow.reports", n=f.background), t("flow.not_included")]
        y_last = int(last["y"])
        boxes.append({"x": right, "y": y_last, "w": wide["right"], "h": 68, "lines": aside})
    x, bottom = left + wide["left"] // 2, int(last["y"]) + int(last["h"]) // 2
    tip = f"M{middle} {bottom} l-8 -4 v8 z"
    arrows.append({"line": f"M{x} 96 V{bottom} H{middle}", "tip": tip})
    return {"width": right + wide["right"] + 10, "height": y, "boxes": boxes, "arrows": arrows}


def _arrow(x1: int, y1: int, x2: int, y2: int) -> dict[str, str]:
    tip = f"M{x2} {y2} l-8 -4 v8 z" if y1 == y2 else f"M{x2} {y2} l-4 -8 h8 z"
    return {"line": f"M{x1} {y1} L{x2} {y2}", "tip": tip}
