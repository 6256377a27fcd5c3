"""The page of syntheses: each question's rows, pooled or with the reason, the map, the years."""

from __future__ import annotations

from review.figures import number, of_people
from review.pages.views import Labels, Page, Site
from review.synthesis_views import (
    WORDS,
    as_csv,
    axis_of,
    back,
    by_edition,
    cumulative_of,
    forest_of,
    kind_of,
    map_of,
    sentence_of,
    tables_of,
    timeline_of,
)
from review.synthesise import synthesise


def synthesis_tables(site: Site) -> dict[str, str]:
    """The table twins of all plots, as CSV by name."""
    tables = tables_of(site.review, synthesise(site.review))
    return {name: as_csv(name, rows) for name, rows in tables.items()}


def synthesis_page(site: Site, t: Labels) -> Page:
    """What is pooled, what not, and why; each plot with its table."""
    language = t.language
    shown = []
    for one in synthesise(site.review):
        axis = axis_of(one, WORDS[language])
        rows = [
            {
                "study": e.study,
                "name": e.name,
                "people": of_people(e.events, e.people, WORDS[language]["of"])
                if e.events is not None and e.people
                else "–",
                "estimate": axis.shown(e.shown[0]),
                "interval": axis.between(e.shown[1], e.shown[2]),
                "weight": number(w, 1) if w is not None else "–",
                "level": e.level,
                "verified": e.verified,
                "converted": e.converted,
                "kind": kind_of(e),
            }
            for e, w in zip(
                one.estimates,
                one.pooled.weights if one.pooled else [None] * len(one.estimates),
                strict=True,
            )
        ]
        shown.append(
            {
                "one": one,
                "sentence": sentence_of(one, language),
                "forest": forest_of(one, language),
                "cumulative": cumulative_of(one, language),
                "by_edition": by_edition(site.review, one, language),
                "rows": rows,
                "pooled": axis.shown(back(one, one.pooled.estimate)) if one.pooled else None,
            }
        )
    picture, cells = map_of(site.review, language)
    years, studies = timeline_of(site.review, language)
    return Page(
        "synthesis.md",
        "synthesis.j2",
        t("nav.synthesis"),
        {"syntheses": shown, "map": picture, "cells": cells, "years": years, "by_year": studies},
    )
