"""Findings of a full text: the rules over its sections, and cells of its tables.

A cell counts where its row names an outcome or instrument of the topic; its column's heading is the
group, with the number of people where it prints one. The locator says where: "Table 2, row …,
column …", or the section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors import Finding, Lexicon, Passage, Term, find_all
from extractors._number_words import number
from extractors._printed import level
from extractors._signs import places
from extractors.outcomes import SOMETHING_ELSE, spread_kind
from extractors.p_values import _P, _value, relation_of
from extractors.prevalence import fits
from review.texts.jats import FullText, Table

_NUM = r"[-−–]?\d{1,9}(?:[.·]\d{1,9})?"
_CELLS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("mean_spread", re.compile(rf"^(?P<value>{_NUM})\s?(?:±|\+/-)\s?(?P<spread>\d+(?:[.·]\d+)?)")),
    (
        "fraction",
        re.compile(
            r"^(?P<events>\d[\d,]{0,9})\s?/\s?(?P<total>\d[\d,]{0,9})(?:\s?[(\[](?P<percent>\d+(?:[.·]\d+)?)\s?%?[)\]])?"
        ),
    ),
    (
        "value_range",
        re.compile(
            rf"^(?P<value>{_NUM})\s?[(\[]\s?(?P<spread>{_NUM}\s?(?:-|–|—|to|,|;)\s?{_NUM})\s?[)\]]"
        ),
    ),
    (
        "count_percent",
        re.compile(
            r"^(?P<events>\d[\d,]{0,9})[⁰¹²³⁴-⁹*†‡,]{0,4}\s?[(\[](?P<percent>\d+(?:[.·]\d+)?)\s?%[)\]]"
        ),
    ),
    ("value_bracket", re.compile(rf"^(?P<value>{_NUM})\s?[(\[](?P<spread>\d+(?:[.·]\d+)?)[)\]]")),
    ("percent", re.compile(r"^(?P<percent>\d+(?:[.·]\d+)?)\s?%$")),
    ("value", re.compile(rf"^(?P<value>{_NUM})$")),
)
_N = re.compile(
    r"\b[nN]\s?[=＝]\s?(?P<n>\d{1,3}(?:[ ,\u2009\u00a0]\d{3})+|\d+)(?![\d.]*\d|[ ,]\d{3}(?!\d))"
)
_P_COLUMN = re.compile(r"^\s?p\b|\bp[- ]?values?\b|^p$", re.IGNORECASE)
_NO_VALUE = re.compile(
    r"^\s*(?:n|no\.?|number|total)\s*$|\b(?:difference|ratio|MD|SMD|OR|RR|HR|CI|confidence|statistic|test)\b|χ|\bt\b",
    re.IGNORECASE,
)
"""Headings of columns that hold no group's values."""
ABSENT = re.compile(
    r"\b(?:no|not|none|without|absent|absence|never|free|denied|missing|unknown)\b|无|没有|未",
    re.IGNORECASE,
)
"""Rows that count people without the outcome."""
_COUNTS = re.compile(r"\bno\.?\b|\bn\s?\(%\)|number|\(%\)|, %|例", re.IGNORECASE)


@dataclass(frozen=True)
class Placed:
    """A finding with the place of the full text it stands in."""

    finding: Finding
    locator: str
    tier: str = "primary"
    came: str | None = None
    """day the text came, where it is held by itself"""


def _float(printed: str) -> float:
    return float(re.sub(r"^[−–]", "-", printed.replace("·", ".").replace(",", "")))


def named_term(terms: tuple[Term, ...] | list[Term], text: str) -> Term | None:
    text = level(text)
    printed, small = places(text), places(text.lower())
    found = [
        (len(match.group()), one)
        for one in terms
        if one.may_stand_in(printed, small)
        for match in one.pattern.finditer(text)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def table_findings(table: Table, lexicon: Lexicon) -> Iterator[Placed]:
    """Cells of rows that name an outcome or instrument; and the sizes its columns print."""
    text = table.text
    starts, at = [], len(f"{table.label} {table.caption}") + 1
    for row in table.rows:
        starts.append(at)
        at += len("\t".join(row)) + 1
    heads = [
        " ".join(dict.fromkeys(filter(None, (row[n] for row in table.rows[: table.header]))))
        for n in range(len(table.rows[0]) if table.rows else 0)
    ]
    seen: set[str] = set()
    for column, head in enumerate(heads):
        if column and (match := _N.search(head)) and head not in seen:
            seen.add(head)
            begin = text.find(match.group())
            details: dict[str, str | int | float] = {
                "role": "arm",
                "group": head[: match.start()].strip(" (,;"),
            }
            people = number(match.group("n"))
            yield Placed(
                Finding("arm_size", people, match.group(), begin, "table/header", details),
                f"{table.label}, header, column {column + 1} ({head[:60]})",
            )
    block = ""
    context = f"{table.caption} {table.foot}"
    whole = (
        named_term(tuple(lexicon.outcomes), table.caption),
        named_term(tuple(lexicon.instruments), table.caption),
    )
    for index, row in enumerate(table.rows[table.header :], table.header):
        label = row[0]
        cells = row[1:]
        if (label and len(set(row)) == 1) or not any(cells):
            block = label
            continue
        name = f"{block} {label}".strip()
        if SOMETHING_ELSE.search(label) or ABSENT.search(label):
            continue
        outcome = named_term(tuple(lexicon.outcomes), label) or named_term(
            tuple(lexicon.outcomes), block
        )
        tool = named_term(tuple(lexicon.instruments), label) or named_term(
            tuple(lexicon.instruments), block
        )
        if outcome is None and tool is None:
            if whole == (None, None) or not re.search(
                r"score|mean|median|baseline|week|month|day|scale", name, re.I
            ):
                continue
            outcome, tool = whole
        place = starts[index] + len(label) + 1
        for column, cell in enumerate(cells, 1):
            head = heads[column] if column < len(heads) else ""
            if cell and not _NO_VALUE.search(head):
                for finding in _cell(cell, name, head, context, place, outcome, tool):
                    finding.details["label"] = label
                    where = f"row {index + 1} ({name[:60]}), column {column + 1} ({head[:60]})"
                    yield Placed(finding, f"{table.label}, {where}")
            place += len(cell) + 1


_RANGE = re.compile(r"\b(?:IQR|interquartile|range|CI|confidence)\b", re.IGNORECASE)
_MEDIAN = re.compile(r"\bmedian\b", re.IGNORECASE)
_MEAN = re.compile(r"\bmean\b", re.IGNORECASE)
_SPREAD = re.compile(r"±|\bSD\b|\bSEM?\b|\bmean\b|\bmedian\b|deviation|score", re.IGNORECASE)


_MARKS = re.compile(r"(?<=[\d%)\]])(?<!\b10)[\s⁰¹²³⁴-⁹*†‡§¶#,]+$")
"""Footnote signs behind a figure; "10⁶" is a power."""


def _is_count(
    kind: str, groups: dict[str, str | None], said: str, context: str, people: int
) -> bool | None:
    """Whether a cell counts people; None where "5 (8)" may as well be a mean with its spread.

    The row's and column's own words decide, then whether the share fits the column's people.
    """
    if groups.get("events"):
        return True
    if kind != "value_bracket":
        return False
    value, share = groups["value"] or "", groups["spread"] or ""
    if _COUNTS.search(said) and not _SPREAD.search(said):
        return "." not in value
    if _SPREAD.search(said):
        return False
    if "." in value:
        return False
    if people and fits(int(value), people, float(share), share):
        return True
    only_counts = _COUNTS.search(context) and not _SPREAD.search(context)
    only_spreads = _SPREAD.search(context) and not _COUNTS.search(context)
    return True if only_counts else (False if only_spreads else None)


def _cell(  # noqa: C901, PLR0915
    cell: str,
    name: str,
    head: str,
    context: str,
    start: int,
    outcome: Term | None,
    tool: Term | None,
) -> Iterator[Finding]:
    details: dict[str, str | int | float] = {"row": name[:120]}
    group = re.sub(r"[\[(]?\s?[nN]\s?[=＝]\s?\d[\d,]*\s?[\])]?", "", head).strip(" ,;")
    if group:
        details["group"] = group[:80]
    if outcome:
        details["outcome"] = outcome.id
    if tool:
        details["instrument"] = tool.id
    if match := _N.search(head):
        details["n"] = number(match.group("n"))
    if _P_COLUMN.search(head):
        printed = re.match(r"^\s?(?P<sign>[<>=≤≥])?\s?(?P<value>0?[.·]\d+|1\.0+|0)\*?$", cell)
        if printed:
            sign = printed.group("sign") or "="
            yield Finding(
                "p_value",
                _value(printed.group("value")),
                cell,
                start,
                "table/p",
                {**details, "sign": sign},
            )
        return
    cell = _MARKS.sub("", cell)
    if match := _P.match(cell):
        if match.group("sign"):
            details["sign"] = relation_of(match.group("sign"))
            yield Finding(
                "p_value", _value(match.group("value")), match.group(), start, "table/p", details
            )
        return
    for kind, pattern in _CELLS:
        found = pattern.match(cell)
        if found is None:
            continue
        groups = found.groupdict()
        rule = f"table/{kind}"
        said = f"{name} {head}"
        scored = tool is not None or _SPREAD.search(said) or _SPREAD.search(context)
        if kind == "value" and not scored and "%" not in said:
            return
        counted = _is_count(kind, groups, said, context, int(details.get("n", 0)))
        if counted is None:
            return
        if kind == "value" and "%" in said and 0 <= _float(groups["value"] or "0") <= 100:
            groups = {**groups, "percent": groups["value"]}
            kind = "percent"
        if groups.get("events") or (
            kind == "value_bracket" and counted and "." not in groups["value"]
        ):
            events = int(
                (groups.get("events") or groups.get("value") or "0").replace(",", "").split(".")[0]
            )
            details["events"] = events
            share = groups.get("percent") or (groups.get("spread") if counted else None)
            if groups.get("total"):
                details["total"] = int(groups["total"].replace(",", ""))
            value: float | str = f"{events}"
            if share:
                details["percent"] = value = _float(share)
            yield Finding("prevalence", value, found.group(), start, rule, details)
        elif kind == "percent":
            details["percent"] = _float(groups["percent"] or "0")
            yield Finding("prevalence", details["percent"], found.group(), start, rule, details)
        else:
            if groups.get("spread"):
                details["spread"] = groups["spread"]
                what = _RANGE.search(said) or _RANGE.search(context)
                if kind == "value_range":
                    named = what.group().lower() if what else ""
                    details["spread_kind"] = {"interquartile": "iqr", "confidence": "ci"}.get(
                        named, named or "unclear"
                    )
                else:
                    own = spread_kind(said)
                    details["spread_kind"] = own if own != "unclear" else spread_kind(context)
            median = _MEDIAN.search(said) or (not _MEAN.search(said) and _MEDIAN.search(context))
            details["measure"] = "median" if median else "mean"
            yield Finding(
                "outcome_value", _float(groups["value"] or "0"), found.group(), start, rule, details
            )
        return


def findings(text: FullText, lexicon: Lexicon) -> Iterator[Placed]:
    """Everything found: title and abstract, then section by section, then tables."""
    head = Passage(text.title, text.abstract, publication_types=_types(text.article_type))
    for one in find_all(head, lexicon):
        yield Placed(one, head.locator(one.start))
    designed = False
    for section in text.sections:
        if section.role in ("introduction", "discussion", "conclusion"):
            continue
        passage = Passage("", section.text)
        for one in find_all(passage, lexicon):
            if one.field in ("design", "total_sample_size") and section.role != "methods":
                continue
            if one.field == "design":
                if designed:
                    continue
                designed = True
            name = section.title or section.role
            yield Placed(one, f"section {name[:60]}")
    for table in text.tables:
        yield from table_findings(table, lexicon)


def _types(article_type: str | None) -> tuple[str, ...]:
    known = {
        "review-article": "Review",
        "systematic-review": "Systematic Review",
        "case-report": "Case Reports",
        "protocol": "Clinical Trial Protocol",
        "editorial": "Editorial",
        "letter": "Letter",
    }
    return (known[article_type],) if article_type in known else ()
