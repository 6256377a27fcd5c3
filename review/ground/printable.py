"""Foreign text made fit for one use: for a line of a terminal, for a field, for a comparison.

What is done to it depends on what it is for, so that there is one function for each use and none
for all:

- :func:`printable_line`, :func:`printable`, :func:`printable_json`: shown on a terminal, which
  would obey what stands in it; nothing that is seen is changed
- :func:`spaced`: kept as a field of a record; white space alone is changed. PubMed's own records
  (``formats.pubmed_article``) keep their non-breaking spaces, since their hashes are kept
- :func:`letters`: compared with itself after a spreadsheet or person had it in hand
- ``spreadsheet.csv_text``: a cell, which may have lines, and no program may run
- ``raised.text_of``: the words of marked-up text, whose raised figures are no part of a number
- ``dedupe.text.plain``, ``fold``, ``words_of``: compared with what another database made of the
  same title; they take away what two databases print differently, and are never shown or kept
- ``formats.bibtex``: LaTeX decoded and encoded, as that format demands, and lossless both ways
- ``extractors._printed.canonical``: compared with a quote, each character still with its place
"""

from __future__ import annotations

import re
import unicodedata

_SAFE = re.compile(r"[ -~]*")
_NOT_JSON = re.compile(
    "[\x7f-\x9f\u00ad\u0600-\u0605\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def printable_line(text: str) -> str:
    """Text in one line without control, direction and zero-width characters."""
    if _SAFE.fullmatch(text):
        return text
    return "".join(
        " " if c in "\n\t\r\u2028\u2029" else c
        for c in text
        if c in "\n\t\r\u2028\u2029" or unicodedata.category(c)[0] != "C"
    )


def printable(text: str) -> str:
    """The same, with runs of spaces made one: a title or a name inside a line."""
    return " ".join(printable_line(text).split())


def spaced(text: str | None) -> str | None:
    """A field's text with runs of white space made one; None where nothing is left."""
    return " ".join((text or "").split()) or None


def printable_json(text: str) -> str:
    """JSON text with what a terminal would obey escaped; it means the same to a machine."""
    return _NOT_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def letters(text: str) -> str:
    """A text's letters and digits alone, folded: another full stop, case or width makes no other
    text, and neither does what a spreadsheet puts before a cell.
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def control(text: str, allowed: str = "\t\n\r") -> str | None:
    """The first control character of a text, or half of a character; None where none is.

    :param allowed: control characters that text may hold
    """
    return next(
        (c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in allowed), None
    )
