"""PubMed XML as records: a streaming reader without entities, network or DTD."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from lxml import etree

from review.formats.pubmed_article import XmlError, parse_article
from review.model.parsed import ParsedRecord

WAITING = 5_000
"""More elements than this never fit into one block that is read."""
ARTICLES = ("PubmedArticle", "PubmedBookArticle")


def articles(stream: IO[bytes]) -> Iterator[Any]:
    """The article elements of a PubMed XML stream, one at a time; each is freed after use.

    A ``DeleteCitation`` element (update files) is yielded too.

    :raises XmlError: when the stream is damaged, declares entities or is not PubMed's
    """
    guard = _Guard(stream)
    try:
        parser = etree.iterparse(
            guard,
            events=("start", "end"),
            tag=("PubmedArticleSet", "PubmedBookArticleSet", *ARTICLES, "DeleteCitation"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        root = None
        for event, element in parser:
            if root is None:
                root = element.getroottree().getroot()
                if root.tag not in ("PubmedArticleSet", "PubmedBookArticleSet"):
                    raise XmlError(f"found a {root.tag} document, expected PubmedArticleSet")
                subset = root.getroottree().docinfo.internalDTD
                if subset is not None and next(subset.iterentities(), None) is not None:
                    raise XmlError("declares XML entities, expected none")
                guard.root = root
            if event == "start" or element is root:
                continue
            yield element
            element.clear()
            while (before := element.getprevious()) is not None:
                _expect_article(before)
                del element.getparent()[0]
        root = root if root is not None else parser.root
        if root is None or root.tag not in ("PubmedArticleSet", "PubmedBookArticleSet"):
            name = "an empty document" if root is None else f"a {root.tag} document"
            raise XmlError(f"found {name}, expected PubmedArticleSet")
        for child in root:
            _expect_article(child)
    except etree.XMLSyntaxError as error:
        place = f"line {error.lineno}: " if error.lineno else ""
        why = " ".join(str(error.msg).split())
        raise XmlError(f"{place}not well-formed XML: {why}") from None


def _expect_article(element: Any) -> None:
    """Refuse what stands among the articles and is none: skipped, it would be lost in silence."""
    if element.tag not in (*ARTICLES, "DeleteCitation"):
        name = etree.QName(element).text if isinstance(element.tag, str) else "something"
        raise XmlError(f"found {name[:80]} among the records, expected {' or '.join(ARTICLES)}")


class _Guard:
    """A stream that stops when element after element comes and none of them is an article."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.root = stream, cast(Any, None)

    def read(self, size: int = -1) -> bytes:
        if self.root is not None and len(self.root) > WAITING:
            _expect_article(self.root[0])
            raise XmlError(f"over {WAITING} records at once, expected them one after another")
        return self.stream.read(size)


def read(stream: IO[bytes]) -> Iterator[ParsedRecord]:
    """The records of a PubMed XML stream."""
    for element in articles(stream):
        if element.tag in ARTICLES:
            yield parse_article(element)


RATIO = 200
"""PubMed's files grow by ten when they are unpacked; what grows by more than this is a bomb."""


class _Raw:
    """A binary file whose decompression faults read as damaged XML, and that ends in time."""

    def __init__(self, stream: IO[bytes], longest: int) -> None:
        self.stream, self.left = stream, longest

    def read(self, size: int = -1) -> bytes:
        try:
            data = self.stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise XmlError(f"damaged gzip data: {error}") from None
        self.left -= len(data)
        if self.left < 0:
            raise XmlError(f"gzip data grows by more than {RATIO} times, expected PubMed's by ten")
        return data


@contextmanager
def open_xml(path: Path) -> Iterator[IO[bytes]]:
    """A PubMed XML file, plain or gzip-compressed (told by its first bytes)."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not zipped:
            yield file
            return
        longest = 1_000_000 + RATIO * path.stat().st_size
        with gzip.GzipFile(fileobj=file) as stream:
            yield cast("IO[bytes]", _Raw(cast("IO[bytes]", stream), longest))
