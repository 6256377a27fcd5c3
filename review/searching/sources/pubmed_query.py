"""PubMed's query language: validation before anything is sent, and local evaluation.

PubMed answers a faulty strategy with HTTP 200 and a broader or emptier result, so a strategy is
proven well-formed first. The evaluator serves the protocol's tags (which sort and never filter)
and the offline world. Operators are read left to right, as PubMed does; adjacent terms are ANDed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from review.ground.raised import level

FIELDS: dict[str, str] = {
    **dict.fromkeys(["tiab", "title/abstract"], "tiab"),
    **dict.fromkeys(["ti", "title"], "title"),
    **dict.fromkeys(["ab", "abstract"], "abstract"),
    **dict.fromkeys(["tw", "text word", "text words"], "text"),
    **dict.fromkeys(["mh", "mesh", "mesh terms", "mh:noexp", "mesh terms:noexp"], "mesh"),
    **dict.fromkeys(["majr", "mesh major topic"], "mesh"),
    **dict.fromkeys(["au", "author", "1au", "lastau", "fau", "cn", "corporate author"], "author"),
    **dict.fromkeys(["ta", "jour", "journal"], "journal"),
    **dict.fromkeys(["pt", "ptyp", "publication type"], "type"),
    **dict.fromkeys(["la", "lang", "language"], "language"),
    **dict.fromkeys(["uid", "pmid"], "uid"),
    **dict.fromkeys(["dp", "pdat", "publication date", "date - publication"], "date"),
    **dict.fromkeys(["ot", "other term", "keyword"], "keyword"),
    **dict.fromkeys(["all", "all fields"], "all"),
}
"""Field tags understood here, and the one field each stands for."""

OTHER_FIELDS = frozenset(
    """ad;affiliation;aid;lid;doi;edat;edate;entry date;crdt;create date;mhda;mdat;lr;sb;subset;
    filter;nm;supplementary concept;rn;ps;si;secondary source id;gr;grants and funding;vi;volume;
    ip;issue;pg;pagination;is;issn;pl;book;isbn;ed;editor;ir;investigator;tt;transliterated title;
    sh;mesh subheading;pa;pharmacological action;coi""".replace("\n", "")
    .replace("    ", "")
    .split(";")
)
"""Tags that PubMed knows and that are passed through; they can't be evaluated locally."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\()|(?P<close>\))
     |(?P<op>AND|OR|NOT)(?=[\s()"\[]|$)
     |"(?P<phrase>[^"]*)"
     |(?P<tag>\[[^\]]*\])
     |\#(?P<ref>[0-9]{1,4})(?![\w])
     |(?P<word>[^\s()"\[\]]+)
    )""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W_]+")
_PROXIMITY = re.compile(r"(ti|title|tiab|title/abstract|ad|affiliation):~[0-9]{1,4}$")
MAX_LENGTH = 20_000
MAX_NESTING = 60


@dataclass(frozen=True)
class Fault:
    """A mistake in a query, with its place (from 1)."""

    position: int
    sentence: str

    def __str__(self) -> str:
        return f"position {self.position}: {self.sentence}"


@dataclass(frozen=True)
class Term:
    """A word, phrase or truncated stem in a field."""

    words: tuple[str, ...]
    truncated: bool
    field: str
    phrase: bool
    text: str


@dataclass(frozen=True)
class Branch:
    """Terms or groups joined left to right; ``operators[i]`` stands before ``parts[i + 1]``."""

    parts: tuple[Term | Branch, ...]
    operators: tuple[str, ...]


Node = Term | Branch


class QueryError(ValueError):
    """A query with one or more faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, faults)))


def words(text: str) -> list[str]:
    """Text as PubMed's index sees it: lower case, letters and digits, everything else a gap.

    Its index has no raised or lowered digits: "CO₂" is found as co2.
    """
    return _WORD.findall(level(text).casefold())


def parse(query: str) -> Node:  # noqa: C901, PLR0915
    """Read a query without references to other lines.

    :raises QueryError: with every fault found and its position
    """
    if len(query) > MAX_LENGTH:
        raise QueryError([Fault(1, f"{len(query):,} characters, expected at most {MAX_LENGTH:,}")])
    faults: list[Fault] = []
    for quote in re.finditer("[“”„‟«»]", query):
        faults.append(Fault(quote.start() + 1, f'found {quote.group()}, expected a plain "'))
    if query.count('"') % 2:
        faults.append(Fault(query.rindex('"') + 1, "this quotation mark is never closed"))
    if faults:
        raise QueryError(faults)
    stack: list[tuple[int, list[Node], list[str]]] = [(0, [], [])]
    position = 0
    pending_operator: tuple[int, str] | None = None
    last_was_term = False

    def add(node: Node) -> None:
        nonlocal pending_operator
        _, parts, operators = stack[-1]
        if parts:
            operators.append(pending_operator[1] if pending_operator else "AND")
        pending_operator = None
        parts.append(node)

    while position < len(query):
        match = _TOKEN.match(query, position)
        if match is None:
            rest = query[position:].lstrip()
            if not rest:
                break
            at = len(query) - len(rest) + 1
            sign = "opened and never closed" if rest[0] == "[" else "closed and never opened"
            faults.append(Fault(at, f"this bracket is {sign}"))
            break
        kind = match.lastgroup
        assert kind is not None
        start = match.start(kind) + 1
        position = match.end()
        text = match.group(kind)
        if kind == "open":
            if len(stack) > MAX_NESTING:
                raise QueryError([Fault(start, f"parentheses nested over {MAX_NESTING} deep")])
            if pending_operator is None and stack[-1][1]:
                pending_operator = (start, "AND")
            operator = pending_operator[1] if pending_operator else ""
            pending_operator = None
            stack.append((start, [], [operator]))
        elif kind == "close":
            if len(stack) == 1:
                faults.append(Fault(start, "this parenthesis was never opened"))
                continue
            if pending_operator:
                faults.append(
                    Fault(pending_operator[0], f"nothing stands after {pending_operator[1]}")
                )
                pending_operator = None
            _, parts, operators = stack.pop()
            if not parts:
                faults.append(Fault(start, "nothing stands between these parentheses"))
                continue
            if operators[0]:
                pending_operator = (start, operators[0])
            add(Branch(tuple(parts), tuple(operators[1:])) if len(parts) > 1 else parts[0])
        elif kind == "op":
            if pending_operator or not stack[-1][1]:
                faults.append(Fault(start, f"nothing stands before {text}"))
            pending_operator = (start, text)
        elif kind == "tag":
            if not last_was_term:
                faults.append(Fault(start, f"the field tag {text} follows no term"))
        elif kind == "ref":
            faults.append(Fault(start, f"there is no line #{text} to refer to"))
        else:
            if kind == "word" and text in ("and", "or", "not", "And", "Or", "Not"):
                faults.append(
                    Fault(start, f"found {text}, expected {text.upper()}: operators are capitals")
                )
            tag = _TOKEN.match(query, position)
            tag_text = tag.group("tag") if tag else None
            if tag_text is None:
                name = "all"
            else:
                raw = " ".join(tag_text[1:-1].lower().split())
                proximity = _PROXIMITY.fullmatch(raw)
                name = FIELDS.get(proximity.group(1) if proximity else raw, "")
                if not name and (raw in OTHER_FIELDS or proximity):
                    name = "unsupported"
                if not name:
                    faults.append(
                        Fault(
                            tag.start("tag") + 1 if tag else start, f"unknown field tag {tag_text}"
                        )
                    )
                    name = "all"
            truncated = text.endswith("*")
            stem = text.rstrip("*")
            last_word = (words(stem) or [""])[-1]
            if "*" in stem or (truncated and len(last_word) < 4):
                faults.append(
                    Fault(start, f"found {text}, expected at least four letters before the one *")
                )
            found = tuple(words(stem))
            if not found:
                faults.append(Fault(start, f"found {text or 'an empty phrase'}, expected a word"))
            add(Term(found, truncated, name, kind == "phrase", text))
        last_was_term = kind in ("phrase", "word")
    if pending_operator:
        faults.append(Fault(pending_operator[0], f"nothing stands after {pending_operator[1]}"))
    for opened, _, _ in stack[1:]:
        faults.append(Fault(opened, "this parenthesis is never closed"))
    if not faults and not stack[0][1]:
        faults.append(Fault(1, "the query is empty"))
    if faults:
        raise QueryError(sorted(set(faults), key=lambda f: (f.position, f.sentence)))
    _, parts, operators = stack[0]
    return Branch(tuple(parts), tuple(operators)) if len(parts) > 1 else parts[0]


_REFERENCE = re.compile(r"""("[^"]*")|\#([0-9]{1,4})(?!\w)""")


def resolve(lines: Mapping[int, str]) -> dict[int, str]:
    """Each line with its references (#1 AND #2) written out, so that it can be sent alone.

    :raises QueryError: for a reference to a line that does not stand before
    """
    resolved: dict[int, str] = {}
    for number in sorted(lines):

        def written_out(match: re.Match[str], number: int = number) -> str:
            if match.group(1):
                return match.group(1)
            wanted = int(match.group(2))
            if wanted not in resolved:
                sentence = f"#{wanted} is no line before line {number}"
                raise QueryError([Fault(match.start() + 1, sentence)])
            return f"({resolved[wanted]})"

        resolved[number] = _REFERENCE.sub(written_out, lines[number])
        if len(resolved[number]) > MAX_LENGTH:
            raise QueryError([Fault(1, f"longer than {MAX_LENGTH:,} characters when written out")])
    return resolved


def without_references(query: str) -> str:
    """A line with a word of the same length for each reference, to check the line by itself."""
    return _REFERENCE.sub(lambda m: m.group(1) or "w" + m.group(2), query)


@dataclass(frozen=True)
class Searchable:
    """A record's words by field."""

    fields: Mapping[str, tuple[tuple[str, ...], ...]]
    """For each field its passages, each a tuple of words."""

    @classmethod
    def of(
        cls,
        *,
        title: str,
        abstract: str = "",
        keywords: Sequence[str] = (),
        mesh: Sequence[str] = (),
        authors: Sequence[str] = (),
        journal: str = "",
        types: Sequence[str] = (),
        languages: Sequence[str] = (),
        uid: str = "",
        date: str = "",
    ) -> Searchable:
        """Index a record."""

        def passages(*texts: str) -> tuple[tuple[str, ...], ...]:
            return tuple(tuple(words(text)) for text in texts if text)

        fields = {
            "title": passages(title),
            "abstract": passages(abstract),
            "keyword": passages(*keywords),
            "mesh": passages(*mesh),
            "author": passages(*authors),
            "journal": passages(journal),
            "type": passages(*types),
            "language": passages(*languages),
            "uid": passages(uid),
            "date": passages(date),
        }
        fields["tiab"] = fields["title"] + fields["abstract"] + fields["keyword"]
        fields["text"] = fields["tiab"] + fields["mesh"] + fields["type"]
        fields["all"] = tuple(p for name in list(fields) if name != "text" for p in fields[name])
        return cls(fields)


_RANGE = re.compile(r"([0-9]{1,9}):([0-9]{1,9})")


def term_matches(term: Term, record: Searchable) -> bool:
    if term.field == "uid" and (span := _RANGE.fullmatch(term.text)):
        return any(
            int(span[1]) <= int(p[0]) <= int(span[2])
            for p in record.fields["uid"]
            if p[0].isascii() and p[0].isdigit()
        )
    passages = record.fields.get(term.field, ())
    wanted = term.words
    last = len(wanted) - 1
    if term.field in ("mesh", "type", "language", "uid") and not term.truncated:
        return wanted in passages
    for passage in passages:
        for start in range(len(passage) - last):
            if all(
                passage[start + i].startswith(word)
                if i == last and term.truncated
                else passage[start + i] == word
                for i, word in enumerate(wanted)
            ):
                return True
    return False


def matches(node: Node, record: Searchable) -> bool:
    """Whether a record satisfies a query; fields that can't be evaluated match nothing."""
    if isinstance(node, Term):
        return term_matches(node, record)
    result = matches(node.parts[0], record)
    for operator, part in zip(node.operators, node.parts[1:], strict=True):
        if operator == "AND":
            result = result and matches(part, record)
        elif operator == "OR":
            result = result or matches(part, record)
        else:
            result = result and not matches(part, record)
    return result


@lru_cache(maxsize=256)
def compiled(query: str) -> Callable[[Searchable], bool]:
    """A query as a test of records."""
    node = parse(query)
    return lambda record: matches(node, record)
