"""A dated world of PubMed XML, and PubMed's search over it."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

from review.formats.pubmed_article import XmlError, parse_article
from review.formats.pubmed_xml import articles, open_xml
from review.model.parsed import ParsedRecord
from review.searching.sources.pubmed_query import (
    FIELDS,
    OTHER_FIELDS,
    Node,
    QueryError,
    Searchable,
    Term,
    parse,
    term_matches,
)

_TAG = re.compile(r"\[([^\]]+)\]")


def _searchable(record: ParsedRecord) -> Searchable:
    return Searchable.of(
        title=" ".join(filter(None, (record["title"], record["vernacular_title"]))),
        abstract=record["abstract"] or "",
        keywords=record["keywords"],
        mesh=record["mesh"],
        authors=[
            author.get("literal") or f"{author.get('family', '')} {author.get('given', '')}"
            for author in record["authors"]
        ],
        journal=record["journal"] or "",
        types=record["publication_types"],
        languages=record["language"],
        uid=record["pmid"] or "",
        date=str(record["year"] or ""),
    )


@dataclass(frozen=True)
class Found:
    """A search's result: PMIDs, most recent first, and what PubMed would remark."""

    pmids: tuple[str, ...]
    translation: str
    fields_not_found: tuple[str, ...] = ()
    phrases_not_found: tuple[str, ...] = ()
    quoted_not_found: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class Article:
    """An article of PubMed Central."""

    pmid: str
    xml: bytes


def full_texts(folder: Path) -> dict[str, Article]:
    """The full texts of a world's folder, by PMC number."""
    found = {}
    for path in sorted(folder.glob("PMC*.xml")):
        data = path.read_bytes()
        pmid = re.search(rb'pub-id-type="pmid">(\d+)<', data)
        found[path.stem] = Article(pmid.group(1).decode() if pmid else "", data)
    return found


def trials(folder: Path) -> dict[str, bytes]:
    """The registry records of a world's folder, by number."""
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("NCT*.json"))}


@dataclass
class Snapshot:
    """What a world holds on one day."""

    xml: dict[str, bytes] = field(default_factory=dict)
    index: dict[str, Searchable] = field(default_factory=dict)

    @cached_property
    def postings(self) -> dict[str, set[str]]:
        """PMIDs by word."""
        postings: dict[str, set[str]] = defaultdict(set)
        for pmid, record in self.index.items():
            for passages in (record.fields["all"], record.fields["mesh"]):
                for passage in passages:
                    for word in passage:
                        postings[word].add(pmid)
        return postings

    def _matching(self, term: Term) -> set[str]:
        if term.field == "uid":
            candidates: Iterable[str] = self.index
        elif term.truncated:
            stem = term.words[-1]
            candidates = set().union(
                *(found for word, found in self.postings.items() if word.startswith(stem))
            )
        else:
            words = [self.postings.get(word, set()) for word in term.words]
            candidates = set.intersection(*words)
        return {pmid for pmid in candidates if term_matches(term, self.index[pmid])}

    def search(self, query: str) -> Found:
        """PubMed's answer to a query, its silent liberties included.

        An unknown field tag is dropped and the term searched everywhere; an untagged quoted phrase
        that matches nothing is dropped and the rest answered. Both are remarked, with HTTP 200.
        """
        unknown = [
            match.group(1)
            for match in _TAG.finditer(query)
            if " ".join(match.group(1).lower().split()) not in FIELDS
            and " ".join(match.group(1).lower().split()) not in OTHER_FIELDS
            and ":~" not in match.group(1)
        ]
        for tag in unknown:
            query = query.replace(f"[{tag}]", "")
        try:
            tree = parse(query)
        except QueryError as error:
            return Found((), "", error=f"Search Backend failed: can't parse: {error.faults[0]}")
        lost_phrases: list[str] = []
        lost_quotes: list[str] = []

        def evaluate(node: Node) -> set[str] | None:
            if isinstance(node, Term):
                matching = self._matching(node)
                if not matching and node.phrase and node.field == "all":
                    lost_quotes.append(f'"{node.text}"')
                    return None
                if not matching and node.field != "uid":
                    lost_phrases.append(node.text)
                return matching
            result: set[str] | None = None
            operators = ("OR", *node.operators)
            for operator, part in zip(operators, node.parts, strict=True):
                found = evaluate(part)
                if found is None:
                    continue
                if result is None:
                    result = set(found)
                elif operator == "AND":
                    result &= found
                elif operator == "OR":
                    result |= found
                else:
                    result -= found
            return result

        pmids = evaluate(tree) or set()
        return Found(
            tuple(sorted(pmids, key=int, reverse=True)),
            " ".join(query.split()),
            tuple(unknown),
            tuple(lost_phrases),
            tuple(lost_quotes),
        )


class World:
    """Dated PubMed XML files.

    :param files: (day, file) pairs; the day is the first ten characters of the file's name in a
        folder read with :meth:`folder`
    """

    def __init__(self, files: Iterable[tuple[str, Path]]) -> None:
        self.files = sorted(files)

    @classmethod
    def folder(cls, folder: Path) -> World:
        """All files of a folder that are named by date."""
        named = [p for p in folder.iterdir() if re.match(r"\d{4}-\d\d-\d\d.*\.xml(\.gz)?$", p.name)]
        return cls((path.name[:10], path) for path in named)

    @property
    def days(self) -> list[str]:
        """Days on which something changed."""
        return sorted({day for day, _ in self.files})

    def as_of(self, day: str) -> Snapshot:
        """The world on a day: every file up to it applied in order."""
        snapshot = Snapshot()
        for file_day, path in self.files:
            if file_day > day:
                continue
            try:
                _apply(path, snapshot)
            except XmlError as error:
                raise XmlError(f"{path.name}: {error}") from None
        return snapshot


def _apply(path: Path, snapshot: Snapshot) -> None:
    """What a file of a world changes in what it holds."""
    with open_xml(path) as stream:
        for element in articles(stream):
            if element.tag == "DeleteCitation":
                for deleted in element.iterfind("PMID"):
                    snapshot.xml.pop(deleted.text or "", None)
                    snapshot.index.pop(deleted.text or "", None)
                continue
            record = parse_article(element)
            pmid = record["pmid"] or ""
            alone = copy.deepcopy(element)
            alone.tail = None
            snapshot.xml[pmid] = etree.tostring(alone, encoding="utf-8")
            snapshot.index[pmid] = _searchable(record)
