"""Registry numbers of trials that a text names, written the registry's own way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage
from extractors._signs import places, register

_GAP = r"[\s:：#-]{0,3}(?:(?:no|number|identifier|id)\.?[\s:：]{0,2})?"
_REGISTRIES: tuple[tuple[str, str, str], ...] = (
    ("NCT{0}", "nct", rf"NCT{_GAP}([0-9]{{8}})"),
    ("ISRCTN{0}", "isrctn", rf"ISRCTN{_GAP}([0-9]{{8}})"),
    ("ChiCTR{0}", "chictr", r"ChiCTR((?:-[A-Z]{2,4})?[\s-]?[0-9]{8,10})"),
    (
        "EUCTR{0}",
        "eudract|euctr",
        r"(?:EudraCT|EUCTR)[\s:：-]{0,3}(?:(?:no|number)\.?[\s:：]{0,2})?([0-9]{4}-[0-9]{6}-[0-9]{2})(?:-[A-Z]{2,3})?",
    ),
    (
        "EUCTR{0}",
        "",
        r"(?:trial|registration|registered|registry)[^.;]{0,40}?\b((?:19|20)[0-9]{2}-[0-9]{6}-[0-9]{2})",
    ),
    ("DRKS{0}", "drks", rf"DRKS{_GAP}([0-9]{{8}})"),
    ("ACTRN{0}", "actrn", rf"ACTRN{_GAP}([0-9]{{14}})"),
    ("CTRI/{0}", "ctri", r"CTRI[/ :]{1,2}([0-9]{4}/[0-9]{2,3}/[0-9]{6})"),
    ("UMIN{0}", "umin", r"UMIN(?:-CTR)?[\s:：-]{0,2}(?:ID[\s:：]{0,2})?([0-9]{9})"),
    ("jRCT{0}", "jrct", r"jRCT(s?[0-9]{9,10})"),
    ("KCT{0}", "kct", r"KCT\s?([0-9]{7})"),
    ("IRCT{0}", "irct", r"IRCT\s?([0-9]{8,16}N[0-9]{1,3})"),
    ("PACTR{0}", "pactr", r"PACTR\s?([0-9]{15,16})"),
    ("TCTR{0}", "tctr", r"TCTR\s?([0-9]{11})"),
)
"""The number as it is kept, words in small letters one of which it needs, and how texts print it."""
_COMPILED = tuple(
    (form, set(names.split("|")), re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![0-9])", re.I))
    for form, names, pattern in _REGISTRIES
)
_BARE_NUMBER = re.compile(r"-[0-9]{6}-")
"""A European number without its registry's name."""
register(one for _, names, _ in _COMPILED for one in names)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each number once, at its first mention."""
    named = places(passage.small).keys()
    seen = set()
    for form, names, pattern in _COMPILED:
        if names.isdisjoint(named) and not ("" in names and _BARE_NUMBER.search(passage.text)):
            continue
        for match in pattern.finditer(passage.text):
            number = form.format(re.sub(r"\s", "", match.group(1)))
            if number not in seen:
                seen.add(number)
                yield Finding(
                    "registration", number, match.group(), match.start(), "registration/pattern"
                )
