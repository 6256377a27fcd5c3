"""Identifiers as people and programs write them, made the one form that is compared and kept."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

_PMID = re.compile(r"(?:(?:PMID|MEDLINE)\s*:?\s*)?0*([1-9][0-9]{0,8})(?:\.0+)?", re.IGNORECASE)


def pmid(text: str | None) -> str | None:
    """A PMID, where the whole field is one; what spreadsheets add to a number is taken off."""
    match = _PMID.fullmatch((text or "").strip())
    return match.group(1) if match else None


# ---- DOI ---------------------------------------------------------------------------------------

_REGISTRANT = r"10\.[0-9]{4,9}(?:\.[0-9]+)*/"
DOI = rf"{_REGISTRANT}\S{{1,400}}"
"""The form of a DOI: who registered it, which may have parts (10.1000.10), and the name it got."""
DOI_IN_TEXT = re.compile(rf"(?<![0-9])(?<![0-9]\.)({_REGISTRANT})([^\s\"\x00-\x1f\x7f]{{1,400}})")
"""The same in a text, with what a sentence left behind it: its two parts."""
_SENTENCE = re.compile("[“”，。；】》]")
"""Signs of a Chinese sentence, none of which a DOI holds."""
_ENCODED = re.compile("(?:%[0-9a-f]{2})+", re.IGNORECASE)
_ENTITY = re.compile("&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_OPENING = {")": "(", "]": "[", "}": "{"}
_TAIL = frozenset((*".,;:>", *_OPENING))
_OF_LINK = re.compile(r"[?#&](?=\w+=)")
"""Where a link's own arguments start: a DOI by itself may hold such signs."""
DEEPEST = 50
"""How often what is encoded is decoded again; each time costs the length of the text. No text of
under a hundred signs holds so many, for each takes two of them at least."""


def doi(text: str | None) -> str | None:
    """The first DOI of a field, link or sentence, in the case it is printed in.

    Without resolver and prefix, without %-encoding and HTML entities, in plain letters and digits
    (NFKC), and without what a sentence or link left behind it. Done twice it changes nothing more.

    >>> doi("see https://doi.org/10.1000/ABC%2Dd?ref=x (2020).")
    '10.1000/ABC-d'
    """
    text = _decoded(text or "")
    match = DOI_IN_TEXT.search(text)
    if not match:
        return None
    registrant, name = match.groups()
    if "://" in text[: match.start()]:
        name = _OF_LINK.split(name)[0]
    name = _trimmed(name)
    return registrant + name if name else None


def _trimmed(name: str) -> str:
    """The name in a DOI without the full stops, brackets and ">" that are not its own."""
    while name and name[-1] in _TAIL:
        opening = _OPENING.get(name[-1])
        own = name[-1] == ">" and "<" in name
        if own or (opening and name.count(name[-1]) <= name.count(opening)):
            break
        name = name[:-1]
    return name


@lru_cache(maxsize=200_000)
def clean_doi(text: str | None) -> str | None:
    """A DOI as DOIs are compared: :func:`doi` in lower case; None where there is none."""
    found = doi(text)
    return found.lower() if found else None


def _decoded(text: str) -> str:
    """Text without %-encoding, entities and compatibility forms, however often they were put on.

    Nothing where that is over :data:`DEEPEST` times: it was made to be slow, and half decoded it
    would be read as another DOI the next time.
    """
    for _ in range(DEEPEST):
        before, text = text, _decoded_once(text)
        if text == before:
            return text
    return ""


def _decoded_once(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _SENTENCE.sub(" ", text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if "%" in text:
        text = _ENCODED.sub(_unquoted, text)
    return text


def _unquoted(match: re.Match[str]) -> str:
    """Letters from their %-encoding; other bytes than UTF-8's stay as they are printed."""
    try:
        return unquote(match.group(), errors="strict")
    except UnicodeDecodeError:
        return match.group()
