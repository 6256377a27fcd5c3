"""What says that a record stands in a supplement, as the abstracts of a congress do."""

from __future__ import annotations

import re

_ISSUE = re.compile(r"suppl|\bs(?:\s?[0-9]{1,3})?\b|\bmeeting|\babstracts?\b|增刊")
_PAGES = re.compile(r"\W*(?:abstract|e?-?poster|oral)\b", re.IGNORECASE)
_JOURNAL = re.compile(r"\.\s*conference\s*(?::|$)|\bsupplement(?:s|um)?\b", re.IGNORECASE)
"""Embase: "Circulation. Conference: Scientific Sessions"."""
_TITLE = re.compile(
    r"""^\W*(?:late[-\ ]breaking\ )?abstract\ [a-z]{0,4}-?[0-9][0-9.-]*\s*[:.]
    |^\W*(?:p|po|ep|op|oc|ps|o|s)(?:[0-9]{1,3}\.[0-9]{1,4}|-[0-9]{1,4}|[0-9]{2,4}:)[\s:.]
    |[\[(](?:(?:meeting|conference|congress|poster)\ )?abstract
     (?:\ (?:only|no|p?[0-9])[^)\]]*)?[\])]\W*$
    |\babstracts\ (?:of|from)\b|\babstracts\W*$
    |\((?:[a-z]{1,2}[0-9]+(?:-[0-9]+)?\.[0-9]{3,4})\)\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""The number of an abstract before or behind its title, or the word."""
_TYPES = frozenset(
    (
        *("abstract", "conference abstract", "congress abstract", "meeting abstract"),
        *("meeting abstracts", "meeting-abstract", "conference poster", "poster"),
    )
)


def named_so(journal: str) -> bool:
    """Whether a journal's name says so."""
    return bool(_JOURNAL.search(journal))


def in_supplement(title: str, issue: str, pages: str, types: tuple[str, ...]) -> bool:
    """Whether anything but the journal's name and the form of the page says so.

    :param issue: volume and issue as printed
    """
    return bool(
        _ISSUE.search(issue.lower())
        or _PAGES.match(pages)
        or not _TYPES.isdisjoint(one.lower() for one in types)
        or _TITLE.search(title)
    )
