"""Foreign formats in and out: each reader counts the records that start and fails when one is lost.

Encodings are decided, never guessed: UTF-8 unless the person says otherwise.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from review.formats import bibtex, chinese, endnote_xml, nbib, objects, ris, tables
from review.formats.entry import FormatError
from review.ground import spreadsheet
from review.ground.errors import InvalidDataError, Problem, UsageError
from review.ground.spreadsheet import SheetError
from review.model.parsed import ParsedRecord

Read = Callable[[str, str], list[ParsedRecord]]
Write = Callable[[Sequence[ParsedRecord]], str]
MAX_BYTES = 512_000_000
NO_RECORD = "found no record, expected some"
MOST = 200_000
"""Records of a file that is read whole; PubMed XML is streamed and may hold more."""
ENCODINGS = ("utf-8", "gb18030", "utf-16", "cp1252", "big5")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LONE = re.compile("[A-Za-z][\u4e00-\u9fff][a-z]")
_CHINESE = re.compile("[\u4e00-\u9fff]{2}")
"""The characters in everyday use alone: bytes read in a wrong encoding yield the rare ones."""


@dataclass(frozen=True)
class Format:
    """A format by name, its file endings, and which fields stand a way out and back."""

    name: str
    endings: tuple[str, ...]
    read: Read | None = None
    write: Write | None = None
    keeps: frozenset[str] = frozenset()


FORMATS: tuple[Format, ...] = (
    Format("jsonl", (".jsonl",), objects.read_jsonl, objects.write_jsonl, objects.JSONL_KEEPS),
    Format("csv", (".csv",), tables.read, tables.write, tables.KEEPS),
    Format("ris", (".ris",), ris.read, ris.write, ris.KEEPS),
    Format("bibtex", (".bib",), bibtex.read, bibtex.write, bibtex.KEEPS),
    Format("csl-json", (".json",), objects.read_csl, objects.write_csl, objects.CSL_KEEPS),
    Format("nbib", (".nbib",), nbib.read),
    Format("endnote-xml", (), endnote_xml.read),
    Format("noteexpress", (".net", ".ne"), chinese.read_noteexpress),
    Format("refer", (".enw",), chinese.read_refer),
    Format("refworks", (), chinese.read_refworks),
)
PUBMED_XML = "pubmed-xml"
_BY_NAME = {one.name: one for one in FORMATS}
_LOOKS = (
    ("endnote-xml", re.compile(r"\s*<(?:\?xml|xml|!--)")),
    ("noteexpress", re.compile(r"\s*\{Reference Type\}:")),
    ("refer", re.compile(r"\s*%0 ")),
    ("refworks", re.compile(r"\s*RT \w")),
    ("ris", re.compile(r"\s*TY {1,2}- ", re.IGNORECASE)),
    ("nbib", re.compile(r"\s*PMID- ")),
)
"""How text of an ambiguous ending (.txt, .xml) starts, format by format."""


_STARTS = {
    "jsonl": "\n",
    "ris": r"(?mi)^[ \t]{0,3}TY {1,2}-",
    "bibtex": r"(?m)^[ \t]*@",
    "csl-json": '"title"',
    "nbib": r"(?m)^PMID",
    "endnote-xml": "<record>",
    "noteexpress": r"(?m)^\{Reference Type",
    "refer": r"(?m)^%0",
    "refworks": r"(?m)^RT ",
}
"""Where records start: too many are refused before they fill the memory."""


def by_ending(path: Path) -> Format | None:
    """The format of a file's ending; None for an ending that several share."""
    return next((one for one in FORMATS if path.suffix.lower() in one.endings), None)


def decoded(data: bytes, name: str, encoding: str | None) -> str:
    """A file's text in the encoding that was said, UTF-8 where none was.

    :raises InvalidDataError: where the bytes are not of that encoding
    """
    if encoding is not None and encoding not in ENCODINGS:
        raise UsageError(f"--encoding {encoding}: expected one of {', '.join(ENCODINGS)}")
    if data.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        sentence = "found a compressed file, expected text: unpack it, or save a workbook as CSV"
        raise InvalidDataError([Problem(name, 0, "", sentence)])
    if encoding == "gb18030" and _is_utf8(data) and not data.isascii():
        sentence = "found valid UTF-8, expected gb18030; leave --encoding away"
        raise InvalidDataError([Problem(name, 0, "", sentence)])
    try:
        text = spreadsheet.decoded(data, encoding or "utf-8")
    except SheetError as error:
        hint = _hint(data) if encoding is None and not _is_utf8(data) else ""
        raise InvalidDataError([Problem(name, error.line, "", error.sentence + hint)]) from None
    if encoding in ("gb18030", "big5") and not _reads_chinese(text):
        sentence = f"does not read as Chinese in {encoding}{_hint(data)}"
        raise InvalidDataError([Problem(name, 0, "", sentence)])
    return spreadsheet.one_line_end(text)


def text_of(path: Path, encoding: str | None = None) -> str:
    """A file's text, as :func:`decoded`."""
    return decoded(path.read_bytes(), path.as_posix(), encoding)


def sha256_of(path: Path) -> str:
    """What tells a file from every other: the hash of its bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _reads_chinese(text: str) -> bool:
    """Whether text that was read as Chinese is: another encoding leaves letters of nobody, or a
    lone character inside a word.
    """
    return not _PRIVATE.search(text) and not (_LONE.search(text) and not _CHINESE.search(text))


def _hint(data: bytes) -> str:
    """Which encoding to try, for a file that is no UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "; it starts as UTF-16 does: say --encoding utf-16"
    for encoding in ("gb18030", "big5"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _reads_chinese(text) and _CHINESE.search(text):
            return f"; it may be {encoding}: say --encoding {encoding}, and look at the titles"
    return "; an export of Windows may be cp1252: say --encoding cp1252, and look at the names"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True)
class Contents:
    """What a file holds."""

    format: str
    records: list[ParsedRecord]
    ignored: tuple[str, ...] = ()
    """columns of a table that nothing was read from"""

    def warnings(self, path: Path) -> list[str]:
        """What the person should know of a file that was read whole."""
        if not self.ignored:
            return []
        return [f"{path}: nothing was read from the columns {', '.join(self.ignored)[:200]}"]


def read_file(
    path: Path, *, encoding: str | None = None, format_name: str | None = None, source: str = "file"
) -> Contents:
    """All records of a file, or none: nothing is half read.

    :raises UsageError: for a missing file or a format nobody knows
    :raises InvalidDataError: with file and line of what does not fit
    """
    regular(path)
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(
            f"{path}: found {path.stat().st_size:,} bytes, expected at most {MAX_BYTES:,}"
        )
    if format_name == PUBMED_XML or (format_name is None and is_pubmed(path)):
        if encoding is not None:
            raise UsageError("--encoding: XML names its own, leave it away")
        return _some(path, Contents(PUBMED_XML, _pubmed(path)))
    text = text_of(path, encoding)
    chosen = _chosen(path, text, format_name)
    try:
        if chosen.read is None:
            raise UsageError(f"{path}: {chosen.name} can be written only")
        ignored = tables.ignored_columns(text) if chosen.name == "csv" else []
        if chosen.name in _STARTS:
            _few(path, sum(1 for _ in re.finditer(_STARTS[chosen.name], text)))
        records = chosen.read(text, source)
        return _some(path, Contents(chosen.name, records, tuple(ignored)))
    except FormatError as error:
        raise InvalidDataError([Problem(path.as_posix(), error.line, "", error.sentence)]) from None


def _some(path: Path, contents: Contents) -> Contents:
    """The contents, if there are any: an empty export is a failed one until somebody looked."""
    if not contents.records:
        raise InvalidDataError([Problem(path.as_posix(), 0, "", NO_RECORD)])
    _few(path, len(contents.records))
    return contents


def _few(path: Path, number: int) -> None:
    if number > MOST:
        raise UsageError(f"{path}: found {number:,} records, expected at most {MOST:,}; split it")


def regular(path: Path) -> None:
    """Refuse what is no file that can be read to its end.

    :raises UsageError: for a missing file, a folder, a pipe or another special file
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file")
    if not path.is_file():
        raise UsageError(
            f"{path}: found a {'folder' if path.is_dir() else 'special file'}, expected a file"
        )


def is_pubmed(path: Path) -> bool:
    """Whether a file is PubMed's XML, by its name and its first bytes."""
    if path.name.lower().endswith(".xml.gz"):
        return True
    with path.open("rb") as file:
        head = file.read(4096)
    if path.suffix.lower() != ".xml" or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return not _bare(head).startswith(b"<xml>")


def _bare(head: bytes) -> bytes:
    """The start of an XML file without its mark, declaration and comments."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    while head.startswith((b"<?xml", b"<!--")):
        end = b"?>" if head.startswith(b"<?") else b"-->"
        head = head.partition(end)[2].lstrip()
    return head


def _pubmed(path: Path) -> list[ParsedRecord]:
    from review.formats.pubmed_article import XmlError
    from review.formats.pubmed_xml import open_xml, read

    try:
        with open_xml(path) as stream:
            return list(read(stream))
    except XmlError as error:
        raise InvalidDataError([Problem(path.as_posix(), 0, "", str(error))]) from None


def _chosen(path: Path, text: str, format_name: str | None) -> Format:
    if format_name is not None:
        if format_name not in _BY_NAME:
            known = ", ".join([*_BY_NAME, PUBMED_XML])
            raise UsageError(f"--format {format_name}: expected one of {known}")
        return _BY_NAME[format_name]
    found = by_ending(path)
    if found is not None:
        return found
    for name, looks in _LOOKS:
        if looks.match(text):
            return _BY_NAME[name]
    known = ", ".join(ending for one in FORMATS for ending in one.endings)
    raise UsageError(f"{path}: format not recognised, expected {known}, .xml or --format NAME")
