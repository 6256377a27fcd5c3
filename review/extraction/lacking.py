"""What is missing between the decision on a title and a study's data: drafts and texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review.files.reading import Reader
from review.selection.library import Library, Place

SHOWN = 10


@dataclass(frozen=True)
class Lacking:
    """What waits after title screening.

    :ivar drafts: included reports that no study's file names, and why there is no draft
    :ivar texts: included reports whose full text is not on this machine
    :ivar included: how many reports are included
    :ivar waiting: records that wait for a full-text decision, and whether their text is here
    """

    drafts: Mapping[str, str]
    texts: Sequence[str]
    included: int
    waiting: Mapping[str, bool]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "without_draft": dict(self.drafts),
            "without_text": list(self.texts),
            "awaiting_full_text": dict(self.waiting),
        }

    def lines(self) -> Iterator[str]:
        """A line for each kind of which something is missing, with what helps."""
        if self.drafts:
            shown = _some([f"{one} ({why})" for one, why in self.drafts.items()])
            yield f"included reports without a draft ({len(self.drafts)}): {shown}"
        if self.texts:
            yield (
                f"{len(self.texts)} of {self.included} included reports have no full text here: "
                f"{_some(self.texts)}; run: review fulltext"
            )
        if self.waiting:
            bare = [one for one, held in self.waiting.items() if not held]
            told = f"{len(self.waiting)} records that were included by title wait for a full-text"
            if bare:
                without = f"{len(bare)} of them without a text here: {_some(bare)}"
                yield f"{told} decision, {without}; run: review fulltext --record ID"
            else:
                yield f"{told} decision; run: review screen --stage full_text"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def lacking(library: Library, abstracts: Mapping[str, str | None], store: Reader) -> Lacking:
    """What is missing after title screening, once the drafts that can be made are made.

    :param abstracts: abstracts by record id, where they are held
    :param store: where full texts are held
    """
    drafts = {}
    for one in sorted(library.included):
        if one in library.study_of:
            continue
        record = library.records[one]
        gone = record.abstract_sha256 is not None and abstracts.get(one) is None
        if not record.delivered:
            drafts[one] = "no source has delivered it yet"
        elif gone:
            drafts[one] = "its abstract is not on this machine"
    return Lacking(
        drafts,
        [one for one in sorted(library.included) if store.held_text(one) is None],
        len(library.included),
        {one: store.held_text(one) is not None for one in library.at(Place.AWAITING_FULL_TEXT)},
    )
