"""Foreign text as a terminal may print it."""

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
