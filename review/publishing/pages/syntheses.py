"""The page of syntheses: each question's rows, pooled or with the reason, the map, the years."""

from __future__ import annotations

from review.ground.numbers import number, of_people
from review.publishing.pages.views import Labels, Page, Site, term_name
from review.synthesis.estimate import SHARES, Estimate
from review.synthesis.pictures import by_edition, cumulative_of, forest_of, map_of, timeline_of
from review.synthesis.scale import axis_of, back
from review.synthesis.sentence import sentence_of
from review.synthesis.synthesise import Synthesis, synthesise
from review.synthesis.tables import as_csv, map_table, tables_of, timeline_table
from review.synthesis.words import WORDS

_FRAME = {
    "en": {
        "point": "at one time",
        "period": "over a period",
        "lifetime": "ever",
        "asked": "asked in person",
        "questionnaire": "by questionnaire",
        "chart": "from records",
        "self_reported": "self-reported",
        "no period": "period not read",
        "no way": "way of asking not read",
        "no time": "time not read",
        "no contrast": "contrast not read",
        "no scale": "scale not read",
        "join": ", ",
    },
    "zh": {
        "point": "某一时点",
        "period": "一段时间内",
        "lifetime": "曾经",
        "asked": "当面询问",
        "questionnaire": "问卷",
        "chart": "病历",
        "self_reported": "自述",
        "no period": "时间范围未读到",
        "no way": "询问方式未读到",
        "no time": "时间点未读到",
        "no contrast": "对比未读到",
        "no scale": "量表未读到",
        "join": "，",
    },
}
"""What an estimate measures, in words of a page."""


def _measured(site: Site, one: Synthesis, estimate: Estimate, language: str) -> str:
    """What an estimate is of: outcome, period and way of asking, or time, contrast and scale."""
    words = _FRAME[language]
    share = one.measure in SHARES
    gaps = ("no period", "no way") if share else ("no time", "no contrast", "no scale")
    terms = {term.id for known in site.vocabularies.values() for term in known.terms}
    said = []
    for n, part in enumerate(estimate.frame):
        if part == "?":
            said.append(words[gaps[n]])
        elif part in terms:
            said.append(term_name(site.vocabularies, part, language))
        elif part:
            said.append(words.get(part, part) if share else part)
    outcome = 2 if share else 3
    if len(said) > outcome and all(estimate.frame[: outcome + 1]):
        said.insert(0, said.pop(outcome))  # the outcome first
    return words["join"].join(filter(None, (estimate.group, *said)))


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
                "kind": _measured(site, one, e, language),
            }
            for e, w in one.weighted
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
    return Page(
        "synthesis.md",
        "synthesis.j2",
        t("nav.synthesis"),
        {
            "syntheses": shown,
            "map": map_of(site.review, language),
            "cells": map_table(site.review, language),
            "years": timeline_of(site.review, language),
            "by_year": timeline_table(site.review),
        },
    )
