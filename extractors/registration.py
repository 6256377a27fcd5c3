"""Registry numbers of trials that a text names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors import Finding, Lexicon, Passage

PATTERN = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{8}|ChiCTR[-A-Z]{0,6}\d{8,10}|EudraCT[ :]*\d{4}-\d{6}-\d{2}|"
    r"DRKS\d{8}|ACTRN\d{14}|CTRI/\d{4}/\d{2,3}/\d{6}|UMIN\d{9}|jRCTs?\d{9,10}|KCT\d{7}|"
    r"IRCT\d{10,16}N\d{1,3}|PACTR\d{15,16})\b"
)


def find(passage: Passage, lexicon: Lexicon) -> Iterator[Finding]:
    """Each number once, at its first mention."""
    seen = set()
    for match in PATTERN.finditer(passage.text):
        if match.group() not in seen:
            seen.add(match.group())
            yield Finding(
                "registration", match.group(), match.group(), match.start(), "registration/pattern"
            )
