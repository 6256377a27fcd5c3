"""The places of held texts with their words: what quotes are compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from review.files.reading import Reader
from review.model.fulltext import HeldText, TextKind
from review.texts import jats, pdf, registry


def places(store: Reader, record_id: str) -> list[tuple[str, str]]:
    """The places of a record's full texts with their words, where this machine holds them."""
    held = (store.held_text(record_id, kind) for kind in (None, TextKind.REGISTRY))
    return [place for one in held if one is not None for place in _read(*one)]


@lru_cache(maxsize=64)
def _read(held: HeldText, data: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(texts(held, data))


def joined(page: str) -> str:
    """A page's lines as running text: words cut at a line's end are put together."""
    return re.sub(r"\s*\n\s*", " ", re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", page)).strip()


def texts(held: HeldText, data: bytes) -> Iterator[tuple[str, str]]:
    """The places of a held text with their words: what quotes are compared with."""
    if held.kind is TextKind.JATS:
        article = jats.parse(data)
        yield "title", article.title
        yield "abstract", article.abstract
        for section in article.sections:
            yield f"section {(section.title or section.role)[:60]}", section.text
        for table in article.tables:
            yield table.label, table.text
    elif held.kind is TextKind.REGISTRY:
        study = registry.read(data)
        yield "registry", registry.text(study)
    else:
        for number, page in enumerate(pdf.pages(data), 1):
            yield f"PDF page {number}", joined(page)
