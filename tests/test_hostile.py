"""Hostile input: whatever comes in, a sound result or one clear line, in bounded memory."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from review import cli
from review.demo import DEMO
from review.formats import FORMATS, read_file
from review.formats.pubmed_article import XmlError
from review.formats.pubmed_xml import open_xml, read
from review.ground.errors import InvalidDataError, UsageError
from review.ground.yaml import parse as parse_yaml
from review.model.base import canonical
from review.model.record import Author, Record
from review.searching.sources.pubmed_query import QueryError, parse, resolve
from tests.conftest import HOME, shared

fuzzed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORLD = (DEMO / "world" / "2026-09-01.xml").read_bytes()
ARTICLE = WORLD[: WORLD.index(b"</PubmedArticle>") + 16] + b"</PubmedArticleSet>"
ESCAPES = "\x1b[31mred\x1b]0;title\x07 \u202edetrevni\u202c ze\u200bro\u2066 \x9b2J bell\x07"
"""What a terminal would obey, and what turns or hides words."""


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A good file with a few of its bytes cut out, doubled, or replaced."""
    data = bytearray(whole)
    pieces = st.sampled_from(
        [
            b"",
            b"\0",
            b"\xff",
            b"<",
            b">",
            b"&x;",
            b"{",
            b"}",
            b"\n",
            b"\x1b[31m",
            b'"',
            b"@",
            b"%0 ",
        ]
    )
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.integers(0, 40))
        data[start:end] = draw(pieces | st.binary(max_size=6)) * draw(st.integers(1, 3))
    return bytes(data)


@fuzzed
@given(xml=damaged(ARTICLE))
@example(xml=ARTICLE)
def test_damaged_pubmed_xml_is_records_or_an_xml_error(xml: bytes) -> None:
    records = []
    try:
        for record in read(io.BytesIO(xml)):
            records.append(record)
            assert record["pmid"]
    except XmlError as error:
        assert "\n" not in str(error)
    assert len(records) == 1 or xml != ARTICLE


GOOD: dict[str, bytes] = {
    ".ris": b"TY  - JOUR\nTI  - One\nAU  - Doe, J\nSP  - 1\nEP  - 9\nDO  - 10.5555/a\nER  - \n" * 2,
    ".nbib": b"PMID- 900000001\nTI  - One\n      more\nFAU - Doe, Jane\nDP  - 2020\nSO  - J\n\n"
    * 2,
    ".bib": b'@article{a, title={One {T}wo}, author={Doe, J and Roe, "K"}, year=2020}\n',
    ".csv": b'title,authors,year,doi\n"One, two","Doe, J; Roe, K",2020,10.5555/a\n',
    ".jsonl": b'{"title": "One", "year": 2020, "authors": [{"family": "Doe"}]}\n' * 2,
    ".json": b'[{"title": "One", "author": [{"family": "Doe"}], "issued": {"date-parts": [[2]]}}]',
    ".net": "{Reference Type}: Journal Article\n{Title}: 题目\n{Author}: 张三;李四\n".encode() * 2,
    ".enw": "%0 Journal Article\n%A 张三\n%T 题目\n%P 12-18\n".encode(),
    ".txt": "RT Journal Article\nSR 1\nA1 张三;李四\nT1 题目\nJF 杂志\n".encode(),
    ".xml": b"<xml><records><record><titles><title>One</title></titles></record></records></xml>",
}


@pytest.mark.parametrize("ending", GOOD)
@fuzzed
@given(data=st.data())
def test_a_damaged_export_is_records_or_one_line(
    tmp_path: Path, ending: str, data: st.DataObject
) -> None:
    path = tmp_path / f"a{ending}"
    written = data.draw(st.just(GOOD[ending]) | damaged(GOOD[ending]) | st.binary(max_size=200))
    path.write_bytes(written)
    try:
        found = read_file(path).records
    except (InvalidDataError, UsageError) as error:
        problems = getattr(error, "problems", ())
        assert len(problems) <= 1
        assert written != GOOD[ending]
        return
    assert found or written != GOOD[ending]
    for record in found:
        assert record["title"] or record["vernacular_title"]
        for one in FORMATS:
            if one.write:
                one.write([record])


@pytest.mark.parametrize("ending", [".ris", ".bib", ".csv", ".xml", ".jsonl"])
@settings(fuzzed, max_examples=30)
@given(data=st.binary(max_size=300))
def test_convert_ends_well_on_any_bytes(
    tmp_path: Path, ending: str, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / f"a{ending}", tmp_path / "out.csv"
    path.write_bytes(data)
    out.unlink(missing_ok=True)
    code = cli.main(["convert", str(path), str(out)])
    error = capsys.readouterr().err
    assert code in (0, 2, 40)
    assert error.count("\n") <= 1
    assert out.exists() == (code == 0)
    assert not list(tmp_path.glob(".*part"))


@fuzzed
@given(text=st.text(max_size=200) | damaged((HOME / "protocol.yaml").read_bytes()[:3000]))
def test_any_yaml_is_a_document_or_one_problem(text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    try:
        parse_yaml(data, "a.yaml")
    except InvalidDataError as error:
        assert error.problems[0].path == "a.yaml"


TOKENS = st.sampled_from(
    ['"', "(", ")", "[tiab]", "[mh]", "[x", "AND", "OR", "NOT", "and", "#1", "#99999999", "*", "a*"]
)


@fuzzed
@given(
    query=st.lists(TOKENS | st.text(max_size=8), max_size=30).map(" ".join),
    other=st.lists(TOKENS | st.text(max_size=8), max_size=10).map(" ".join),
)
@example(query="(" * 5000, other="")
@example(query="#1", other="#1 " * 50)
def test_any_strategy_is_a_query_or_faults_with_places(query: str, other: str) -> None:
    for work in (lambda: parse(query), lambda: resolve({1: query, 2: other, 3: "#1 #2 #2"})):
        try:
            work()
        except QueryError as error:
            assert all(fault.position >= 1 for fault in error.faults)


def test_references_that_double_at_every_line_are_refused_before_they_fill_the_memory() -> None:
    lines = {1: '"pain"[tiab]'} | {n: f"#{n - 1} OR #{n - 1}" for n in range(2, 60)}
    with pytest.raises(QueryError, match="characters"):
        resolve(lines)


# ---- bounded memory: each in a process of its own that may not have more than it needs ---------

BOMBS: dict[str, tuple[str, str]] = {
    "a billion laughs": (
        "a.xml",
        '\'<!DOCTYPE x [<!ENTITY a "ha">\' + \'\'.join(f\'<!ENTITY a{n} "{"&a%s;" % (n - 1 or "") * 10}">\''
        " for n in range(1, 12)) + ']><PubmedArticleSet>&a11;</PubmedArticleSet>'",
    ),
    "an external entity": (
        "a.xml",
        '\'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><records><record><titles>'
        "<title>&a;</title></titles></record></records></xml>'",
    ),
    "deep nesting": ("a.xml", "'<PubmedArticleSet>' + '<a>' * 1_000_000"),
    "a title of 30 MB": (
        "a.xml",
        "'<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>'"
        " + 'a' * 30_000_000",
    ),
    "millions of tiny elements": ("a.xml", "'<PubmedArticleSet>' + '<a/>' * 3_000_000"),
    "millions of attributes": ("a.xml", "'<PubmedArticleSet ' + 'a=\"\" ' * 3_000_000 + '>'"),
    "EndNote, deep": ("b.xml", "'<xml><records>' + '<record>' * 1_000_000"),
    "RIS, a million starts": ("a.ris", "'TY  - JOUR\\n' * 1_000_000"),
    "RIS, one endless line": ("a.ris", "'TY  - JOUR\\nTI  - ' + 'a' * 60_000_000"),
    "BibTeX, braces": ("a.bib", "'@article{a, title=' + '{' * 200_000"),
    "JSON, deep": ("a.json", "'[' * 5_000_000"),
    "JSON Lines, an endless number": (
        "a.jsonl",
        "'{\"title\": \"a\", \"year\": ' + '9' * 100_000 + '}'",
    ),
    "CSV, an open quote": ("a.csv", "'title\\n\"' + 'a' * 60_000_000"),
    "CSV, a million columns": ("a.csv", "'title' + ',a' * 1_000_000"),
    "XML, a thousand comments": (
        "a.xml",
        "'<!---->' * 1000 + '<PubmedArticleSet></PubmedArticleSet>'",
    ),
    "BibTeX, spaces in a name": (
        "a.bib",
        "'@article{a, title={}, author={A' + ' ' * 400_000 + 'b}}'",
    ),
    "BibTeX, blank lines": ("a.bib", "'@article{a, title={}}' + '\\n' * 400_000"),
    "CSV, spaces in a name": ("a.csv", "'title,authors\\n,A' + ' ' * 400_000 + '!'"),
    "RIS, a million tiny records": ("a.ris", "'TY  - JOUR\\nTI  - a\\nER  - \\n' * 1_000_000"),
    "JSON Lines, a million": ("a.jsonl", '\'{"title": "a"}\\n\' * 1_000_000'),
    "Refer, a line again and again": ("a.enw", "'%0 x\\n' + '%X a\\n' * 1_000_000"),
}


def limited(folder: Path, file: str, making: str) -> subprocess.CompletedProcess[str]:
    """``review convert`` of a made file, with 1.5 GB of memory at most."""
    script = (
        "import resource, sys\n"
        f"open({file!r}, 'w').write({making})\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))\n"
        "from review import cli\n"
        f"sys.exit(cli.main(['convert', {file!r}, 'out.csv']))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={"PYTHONPATH": str(HOME), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_one_line_in_bounded_memory(tmp_path: Path, name: str) -> None:
    done = limited(tmp_path, *BOMBS[name])
    assert done.returncode in (2, 40), done.stderr[-500:]
    assert done.stderr.startswith("review convert: ")
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 400
    assert not (tmp_path / "out.csv").exists()


def test_a_gzip_bomb_stops(tmp_path: Path) -> None:
    path = tmp_path / "a.xml.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(b"<PubmedArticleSet>")
        for _ in range(300):
            file.write(b"<!--" + b" " * 1_000_000 + b"-->")
        file.write(b"</PubmedArticleSet>")
    with open_xml(path) as stream, pytest.raises(XmlError, match="grows by more than 200 times"):
        list(read(stream))


def test_real_compressed_records_are_no_bomb() -> None:
    path = shared("pubmed/baseline/pubmed20n0014.xml.gz")
    with open_xml(path) as stream:
        assert sum(len(block) for block in iter(lambda: stream.read(1 << 20), b"")) > 100_000_000


# ---- names and links that lead out of the review -----------------------------------------------


def outside(text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = next((root / "data" / "records").glob("*/pmid-900000001.json"))
        value = json.loads(path.read_text(encoding="utf-8"))
        value["id"] = text
        path.write_text(json.dumps(value), encoding="utf-8")

    return change


def linked(name: str, *, folder: bool = False) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / name
        target = root.parent / "elsewhere"
        if folder:
            path.rename(target)
        else:
            target.write_bytes(path.read_bytes())
            path.unlink()
        path.symlink_to(target)

    return change


NAMES: dict[str, tuple[Callable[[Path], None], str]] = {
    "dots in a record's id": (outside("../../../etc/passwd"), "id: "),
    "a NUL in a record's id": (outside("pmid-1\0"), "id: "),
    "a study that climbs": (
        lambda root: (
            (root / "data" / "extractions" / "..x-2020.yaml").write_text(
                "format: 1\nstudy: ../../x-2020\nreports: []\n", encoding="utf-8"
            )
            and None
        ),
        "",
    ),
    "a vocabulary that climbs": (
        lambda root: (
            (root / "protocol.yaml").write_text(
                re.sub(
                    r"data/vocabulary/\w+\.yaml",
                    "data/vocabulary/../../../etc/passwd",
                    (root / "protocol.yaml").read_text(encoding="utf-8"),
                    count=1,
                ),
                encoding="utf-8",
            )
            and None
        ),
        "vocabulary",
    ),
    "a linked file": (linked("data/duplicates.json"), "data/duplicates.json: is a symbolic link"),
    "a linked folder": (
        linked("data/records/2021", folder=True),
        "data/records/2021: is a symbolic link",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_no_name_or_link_leads_out_of_the_review(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, sentence = NAMES[name]
    change(root)
    before = {p: p.stat().st_mtime_ns for p in root.parent.rglob("*") if p.is_file()}
    code = cli.main(["check", "--root", str(root)])
    told = capsys.readouterr()
    if sentence:
        assert code == 40
        assert sentence in told.out + told.err
    after = {p: p.stat().st_mtime_ns for p in root.parent.rglob("*") if p.is_file()}
    assert {p for p in after if after[p] != before.get(p) and p.name != ".review.lock"} == set()


@pytest.mark.parametrize(
    "study", ["../x-2020", "x-2020/../../y-2020", "/etc/x-2020", "x-2020\n", "CON", ""]
)
def test_a_study_s_name_that_leads_elsewhere_is_no_name(root: Path, study: str) -> None:
    for verb in (["verify", study], ["extract", "--study", study], ["confirm", study]):
        assert cli.main([*verb, "--root", str(root)]) == 2


# ---- the terminal ------------------------------------------------------------------------------


def harmless(text: str) -> bool:
    """Whether a terminal obeys nothing in a text."""
    return not [c for c in text if unicodedata.category(c)[0] == "C" and c != "\n"]


@pytest.fixture
def haunted(root: Path, update: Callable[..., int]) -> Path:
    """The demonstration after its second month, with escapes in titles, names and quotes."""
    assert update() == 20
    for n, title in enumerate((ESCAPES, ESCAPES + " II")):
        record = Record(
            format=1,
            id=f"src-{n:010x}",
            source="seed",
            title=title,
            authors=(Author(literal=ESCAPES),),
            journal=ESCAPES,
            year=2020,
            tags=(),
        )
        path = root / "data" / "records" / "2020" / f"{record.id}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(canonical(record))
    claim = root / "data" / "claims" / "D04.yaml"
    text = claim.read_text(encoding="utf-8")
    claim.write_text(text.replace("Lesions of", "\\u202eLesions\\e[31m of"), encoding="utf-8")
    return root


COMMANDS = (
    *(["status"], ["check"], ["dedupe", "--list"], ["screen", "--list"], ["grade", "--explain"]),
    *(["screen", "--list", "--reviewer", "reviewer-a"], ["confirm", "D04"], ["vocabulary"]),
    *(["verify", "dunmore-2022"], ["extract", "--record", "src-0000000000"], ["protocol"]),
    *(["extract", "--study", "dunmore-2022"], ["edition", "--dry-run"], ["edition", "--gate"]),
    *(
        ["import", "\x1b[31m.ris", "--source", "a", "--platform", "b"],
        ["convert", "\x1b", "\x9b.x"],
    ),
    *(["\x1b[31m"], ["status", "--\x9b"]),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c).encode("ascii", "replace"))
def test_the_terminal_prints_none_of_it(
    haunted: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    words = command if len(command) == 1 and command[0][0] == "\x1b" else [*command, "--root"]
    cli.main([*words, *([str(haunted)] if words[-1] == "--root" else [])])
    told = capsys.readouterr()
    assert harmless(told.out), told.out
    assert harmless(told.err), told.err


@pytest.mark.parametrize(
    "command", [["dedupe"], ["status"], ["extract", "--record", "src-0000000000"]]
)
def test_json_says_the_same_to_a_machine_and_nothing_to_a_terminal(
    haunted: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    cli.main([*command, "--json", "--root", str(haunted)])
    told = capsys.readouterr().out
    assert harmless(told)
    json.loads(told)


def test_text_that_json_escapes_for_the_terminal_means_the_same() -> None:
    from review.ground.printable import printable_json

    value: Any = {"title": ESCAPES, "more": 'a\\u202e \\ " 题目'}
    text = printable_json(json.dumps(value, ensure_ascii=False))
    assert harmless(text)
    assert json.loads(text) == value


def test_random_titles_are_printable() -> None:
    from review.ground.printable import printable, printable_line

    draw = random.Random(7)
    for _ in range(2000):
        text = "".join(chr(draw.randrange(0x11000)) for _ in range(20))
        assert harmless(printable_line(text))
        assert harmless(printable(text))
        assert "\n" not in printable_line(text)
