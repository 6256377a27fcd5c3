"""A record of a foreign format, the parts of one, and what is wrong with one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, cast

from review.ground.chinese_names import COMPOUND, IDEOGRAPH, is_chinese
from review.ground.identifiers import pmid
from review.ground.printable import printable, spaced
from review.model.parsed import ParsedAuthor, ParsedRecord


class FormatError(Exception):
    """What does not fit, with the line where it stands."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def entry(source: str, **values: Any) -> ParsedRecord:
    """A record with what a format gives; the rest is unknown."""
    known: dict[str, Any] = {
        **dict.fromkeys(("pmid", "pmcid", "doi", "vernacular_title", "abstract", "journal")),
        "title": "",
        **dict.fromkeys(("year", "volume", "issue", "pages", "licence", "status")),
        **dict.fromkeys(("entered", "revised")),
        **{name: [] for name in ("authors", "language", "publication_types", "mesh", "keywords")},
        "registrations": [],
        "notices": [],
        "version": 1,
        "source": source,
    }
    return cast(ParsedRecord, known | {k: v for k, v in values.items() if v is not None})


OWN_NOTE = "review-record: "
"""What stands before a record's own id where a format has no field for it."""
_OWN = re.compile(r"pmid-[1-9][0-9]{0,8}|(?:doi|src)-[0-9a-f]{10}")


def own_id(text: str | None) -> str | None:
    """The id that a review gave a record, where the whole field is one."""
    found = (text or "").strip()
    return found if _OWN.fullmatch(found) else None


def noted_id(notes: Iterable[str]) -> str | None:
    """The id that a review left in the notes of a record."""
    found = (re.search(rf"{OWN_NOTE}\s*({_OWN.pattern})(?![0-9a-f])", note) for note in notes)
    return next((match.group(1) for match in found if match), None)


def titled(record: ParsedRecord, line: int) -> ParsedRecord:
    """The record, if it has a title that a person can see.

    :raises FormatError: where it has none
    """
    if printable(record["title"]) or printable(record["vernacular_title"] or ""):
        return record
    raise FormatError(line, "the record that starts here has no title")


def citation_keys(records: Sequence[ParsedRecord]) -> list[str]:
    """A key for each record: the id a review gave it, or its PMID, where it has one; a number after
    it where that repeats.
    """
    keys: dict[str, None] = {}
    for number, one in enumerate(records, 1):
        known = pmid(one["pmid"])
        key = f"pmid{known}" if known else f"record{number}"
        key = wanted = one.get("record") or key
        again = 1
        while key in keys:
            again += 1
            key = f"{wanted}-{again}"
        keys[key] = None
    return list(keys)


# ---- people ------------------------------------------------------------------------------------

_PEOPLE = re.compile(r'\s*"[^"]*"(?=\s*(?:[;；]|$))|[^;；]+')
_INITIALS = re.compile(r"(?P<family>[^\s].*)\s(?P<given>(?:[A-Z]\.?-?){1,4})")
_SUFFIX = re.compile(r"(?:jr|sr|[1-9](?:st|nd|rd|th)|i{1,3}|iv|v)\.?", re.IGNORECASE)


def person(name: str, *, suffix_last: bool = True) -> ParsedAuthor:
    """An author from "Family, Given", from three parts with a suffix; else as printed.

    :param suffix_last: "Family, Given, Suffix" (RIS, EndNote); BibTeX has the suffix second
    """
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 2 and parts[0] and not parts[1] and name.rstrip().endswith(","):
        return {"family": parts[0]}
    if not 2 <= len(parts) <= 3 or not parts[0]:
        return {"literal": " ".join(name.strip(" ,").split())}
    found: ParsedAuthor = {"family": parts[0]}
    given, suffix = parts[1], parts[2] if len(parts) == 3 else ""
    if len(parts) == 3 and not suffix_last:
        given, suffix = suffix, given
    if given:
        found["given"] = given
    if suffix:
        found["suffix"] = suffix
    return found


_PARTICLES = frozenset(
    (
        *("da", "de", "del", "della", "der", "di", "dos", "du", "la", "le", "ten", "ter"),
        *("van", "von", "zu", "zur"),
    )
)
_NO_PERSON = re.compile(
    r"\b(?:group|team|study|trial|consorti|committee|collaborat|investigator|network|society"
    r"|association|foundation|institut|universit|hospital|cent(?:re|er)\b|working|task|force|council|project"
    r"|program|registr|organi[sz]ation|of\b|for\b|and\b|the\b)|[0-9(&]",
    re.IGNORECASE,
)


def family_first(author: ParsedAuthor) -> ParsedAuthor:
    """A name in one piece with its parts, where it is a person's: "Ann de Vos" and "de Vos A".

    Bodies stay in one piece, and so do names in Chinese characters, whose family name is first.
    """
    name = spaced(author.get("literal")) or ""
    if "family" in author or not name or _NO_PERSON.search(name) or IDEOGRAPH.search(name):
        return author
    if name.count(",") == 1:
        return person(name)
    if initials := _INITIALS.fullmatch(name):
        return {"family": initials["family"], "given": initials["given"]}
    words = name.split()
    if "," in name or not 2 <= len(words) <= 5 or not words[0][:1].isupper():
        return author
    at = next((n for n, w in enumerate(words[1:-1], 1) if w in _PARTICLES), len(words) - 1)
    return {"family": " ".join(words[at:]), "given": " ".join(words[:at])}


def printed(author: ParsedAuthor, *, suffix_last: bool = True) -> str:
    """An author the way :func:`person` reads it."""
    if "family" not in author:
        return author.get("literal") or author.get("given") or ""
    given, suffix = author.get("given", ""), author.get("suffix")
    if suffix is None:
        return f"{author['family']}, {given}" if given else f"{author['family']},"
    parts = (given, suffix) if suffix_last else (suffix, given)
    return ", ".join((author["family"], *parts))


def people(text: str) -> list[ParsedAuthor]:
    """Authors of one field: apart by semicolons, Chinese ones by commas too.

    A single character or a family name of two before a comma is a family name: "张, 雪" is one.
    A name in quotation marks stands as it is.
    """
    found: list[ParsedAuthor] = []
    for one in _PEOPLE.findall(text):
        pieces = [piece.strip() for piece in re.split(r"[,，、]", one) if piece.strip()]
        if one.strip().startswith('"') and one.strip().endswith('"') and len(one.strip()) > 2:
            found.append({"literal": " ".join(one.strip()[1:-1].split())})
        elif len(pieces) == 2 and (len(pieces[0]) == 1 or pieces[0] in COMPOUND):
            found.append({"family": pieces[0], "given": pieces[1]})
        elif len(pieces) > 1 and all(IDEOGRAPH.match(piece) for piece in pieces):
            found += [{"literal": piece} for piece in pieces]
        elif pieces:
            found.append(person(one.replace("，", ",")))
    return found


def people_of_cell(text: str) -> list[ParsedAuthor]:
    """Authors of a spreadsheet's cell, where commas part the people or the parts of a name.

    "Smith J, Lee K" are two people, "Smith, John" and "Smith, John, Jr." are one.
    """
    text = " ".join(text.split())
    if re.search(r"[;；]", text):
        return [who for one in re.split(r"[;；]", text) for who in people_of_cell(one)]
    text = text[:-1] if text.endswith(".") and text.count(".") == 1 else text
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    if is_chinese(text) or len(pieces) < 1:
        return people(text)
    initials = [_INITIALS.fullmatch(piece) for piece in pieces]
    if all(initials):
        return [{"family": m["family"], "given": m["given"]} for m in initials if m]
    if len(pieces) <= 2 or (len(pieces) == 3 and _SUFFIX.fullmatch(pieces[2])):
        if len(pieces) == 2 and all(" " in piece for piece in pieces):
            return [{"literal": piece} for piece in pieces]
        return [person(text)]
    if all(" " in piece or match for piece, match in zip(pieces, initials, strict=True)):
        return [{"literal": piece} for piece in pieces]
    return [{"literal": " ".join(text.split())}]


# ---- identifiers, dates, lists -----------------------------------------------------------------

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20|21)\d\d(?!\d)")


def year(text: str | None) -> int | None:
    """The first year of a date."""
    match = _YEAR.search(unicodedata.normalize("NFKC", text or ""))
    return int(match.group()) if match else None


def pmcid(text: str | None) -> str | None:
    """A PMC identifier."""
    bare = re.sub(r"^PMCID\s*:?\s*", "", (text or "").strip(), flags=re.IGNORECASE)
    match = re.fullmatch(r"PMC\s*([1-9][0-9]{0,9})(?:\.[0-9]+)?", bare, re.IGNORECASE)
    return f"PMC{match.group(1)}" if match else None


def listed(text: str | None, *, commas: bool = False) -> list[str]:
    """Words of one field, apart by semicolons, and by commas where a format does that."""
    commas = commas and not re.search("[;；]", text or "")
    separators = "[,，]" if commas else "[;；]"
    return [kept for one in re.split(separators, text or "") if (kept := spaced(one))]


def relisted(words: list[str]) -> str:
    """Words as :func:`listed` reads them again, whatever stands in them but semicolons."""
    text = "; ".join(kept for word in words if (kept := spaced(word)))
    return f"{text};" if len(words) == 1 and re.search("[,，]", text) else text


def page_range(start: str | None, end: str | None) -> str | None:
    """Pages from a first and a last page, each of which may be the whole range already."""
    if start and end and start != end and "-" not in start and "–" not in start:
        return f"{start}-{end}"
    return start or end
