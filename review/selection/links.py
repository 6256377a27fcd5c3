"""Where a record can be looked at."""

from __future__ import annotations

from urllib.parse import quote

from review.model.protocol import Protocol
from review.model.record import Record


def links(protocol: Protocol, record: Record) -> tuple[tuple[str, str], ...]:
    """Name and address of each place; none in a demonstration, whose numbers are nobody's."""
    if protocol.fictional:
        return ()
    found = []
    if record.pmid:
        found.append(("PubMed", f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/"))
    if record.doi:
        found.append(("DOI", f"https://doi.org/{quote(record.doi, safe='/')}"))
    return tuple(found)
