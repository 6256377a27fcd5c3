"""Cells of a sheet as people and spreadsheets leave them: what each means, or what is wrong."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from review.ground.identifiers import pmid
from review.ground.printable import letters
from review.model.record import Record
from review.model.screening import Outcome

WORDS: Mapping[str, Outcome] = {
    **dict.fromkeys(("1", "yes", "included", "纳入", "是"), Outcome.INCLUDE),
    **dict.fromkeys(("0", "no", "excluded", "排除", "否"), Outcome.EXCLUDE),
    **dict.fromkeys(("不确定", "待定"), Outcome.UNSURE),
    "重复": Outcome.DUPLICATE,
    "撤回": Outcome.WITHDRAWN,
}
"""Other words for a decision that a sheet may hold; what a tick box leaves (TRUE) is none."""
_THOUSANDS = dict.fromkeys(map(ord, ",' \u2019"), "")


def outcome_word(cell: str) -> str:
    """The outcome that a cell means, whatever its case and width; another word as it is."""
    word = unicodedata.normalize("NFKC", cell).strip().casefold()
    return str(WORDS.get(word, word))


def column_name(cell: str) -> str:
    """A column's name by its head: case, width and what stands in brackets behind it aside."""
    return unicodedata.normalize("NFKC", cell).partition("(")[0].strip().casefold()


def head_fault(header: Sequence[str], needed: Sequence[str], known: Sequence[str]) -> str | None:
    """What is wrong with the columns of a sheet.

    :param needed: columns that must be there, once
    :param known: columns that are taken for no other one's misspelt name
    """
    for column in needed:
        if column not in header:
            near = get_close_matches(column, [c for c in header if c not in known], n=1)
            instead = f" (but {near[0]})" if near else ""
            return f"found no column {column}{instead}, expected {', '.join(needed)}"
    twice = [column for column, times in Counter(header).items() if times > 1 and column in needed]
    return f"found the column {twice[0]} twice, expected it once" if twice else None


def undecided(row: Mapping[str, str], filled: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a row without a decision says all the same, and would be lost: column and sentence."""
    for column in filled:
        if cell := row.get(column):
            sentence = f"empty, but {column} says {cell[:40]!r}; expected a decision beside it"
            yield "decision", sentence


def title_fault(title: str, record: Record) -> str | None:
    """Why a title is not a record's; case, width and full stops make no other title."""
    found, expected = letters(title), letters(record.title)
    if found == expected:
        return None
    if found and expected.startswith(found):
        return f"found only the first {len(title)} characters of the title of {record.id}"
    shown = title[:60] or "nothing"
    return f"found {shown!r}, expected the title of {record.id}: {record.title[:60]!r}"


def pmid_fault(cell: str, record: Record) -> str | None:
    """Why a cell is not a record's PMID; a record may have got its PMID since the export."""
    digits = unicodedata.normalize("NFKC", cell).translate(_THOUSANDS)
    if not cell or pmid(digits) == record.pmid:
        return None
    rounded = "; a spreadsheet has rounded the number" if "e+" in digits.casefold() else ""
    return f"found {cell}, expected {record.pmid or 'none'}{rounded}"
