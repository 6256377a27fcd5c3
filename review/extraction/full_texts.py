"""Everything a held text says: of a full text, a registry record, a PDF."""

from __future__ import annotations

from extractors import Lexicon, Passage, find_all
from review.extraction import posted_results
from review.extraction.tables import Placed, findings
from review.model.fulltext import HeldText, TextKind
from review.texts import jats, pdf, registry
from review.texts.places import joined


def all_findings(held: HeldText, data: bytes, lexicon: Lexicon) -> list[Placed]:
    """Everything a held text says, with its places."""
    if held.kind is TextKind.JATS:
        return list(findings(jats.parse(data), lexicon))
    if held.kind is TextKind.REGISTRY:
        return list(posted_results.findings(registry.read(data), lexicon))
    found = []
    for number, page in enumerate(pdf.pages(data), 1):
        passage = Passage("", joined(page))
        skipped = ("design", "total_sample_size") if number > 2 else ()
        found += [
            Placed(one, f"PDF page {number}")
            for one in find_all(passage, lexicon)
            if one.field not in skipped
        ]
    return found
