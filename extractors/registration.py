"""Registry numbers of trials that a text names, written the registry's own way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

_GAP = r"[\s:：#-]{0,3}(?:(?:no|number|identifier|id)\.?[\s:：]{0,2})?"
_REGISTRIES: tuple[tuple[str, str], ...] = (
    ("NCT{0}", rf"NCT{_GAP}([0-9]{{8}})"),
    ("ISRCTN{0}", rf"ISRCTN{_GAP}([0-9]{{8}})"),
    ("ChiCTR{0}", r"ChiCTR((?:-[A-Z]{2,4})?[\s-]?[0-9]{8,10})"),
    (
        "EUCTR{0}",
        r"(?:EudraCT|EUCTR)[\s:：-]{0,3}(?:(?:no|number)\.?[\s:：]{0,2})?([0-9]{4}-[0-9]{6}-[0-9]{2})(?:-[A-Z]{2,3})?",
    ),
    (
        "EUCTR{0}",
        r"(?:trial|registration|registered|registry)[^.;]{0,40}?\b((?:19|20)[0-9]{2}-[0-9]{6}-[0-9]{2})",
    ),
    ("DRKS{0}", rf"DRKS{_GAP}([0-9]{{8}})"),
    ("ACTRN{0}", rf"ACTRN{_GAP}([0-9]{{14}})"),
    ("CTRI/{0}", r"CTRI[/ :]{1,2}([0-9]{4}/[0-9]{2,3}/[0-9]{6})"),
    ("UMIN{0}", r"UMIN(?:-CTR)?[\s:：-]{0,2}(?:ID[\s:：]{0,2})?([0-9]{9})"),
    ("jRCT{0}", r"jRCT(s?[0-9]{9,10})"),
    ("KCT{0}", r"KCT\s?([0-9]{7})"),
    ("IRCT{0}", r"IRCT\s?([0-9]{8,16}N[0-9]{1,3})"),
    ("PACTR{0}", r"PACTR\s?([0-9]{15,16})"),
    ("TCTR{0}", r"TCTR\s?([0-9]{11})"),
)
"""The number as it is kept, and how texts print it."""
_COMPILED = tuple(
    (form, re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![0-9])", re.IGNORECASE))
    for form, pattern in _REGISTRIES
)
_HINTS = (
    *("isrctn", "chictr", "euctr", "eudract", "drks", "actrn", "ctri", "umin", "jrct", "kct"),
    *("irct", "pactr", "tctr"),
)
"""Words in small letters without one of which, or NCT and a number, no registry is named."""
_HINTS_IN_DIGITS = (re.compile(r"nct[^a-z]{0,4}[0-9]"), re.compile(r"-[0-9]{6}-"))


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each number once, at its first mention."""
    small = passage.small
    named = any(word in small for word in _HINTS)
    if not named and not any(one.search(small) for one in _HINTS_IN_DIGITS):
        return
    seen = set()
    for form, pattern in _COMPILED:
        for match in pattern.finditer(passage.text):
            number = form.format(re.sub(r"\s", "", match.group(1)))
            if number not in seen:
                seen.add(number)
                yield Finding(
                    "registration", number, match.group(), match.start(), "registration/pattern"
                )
