"""Foreign formats: round trips keep what both sides have, and no record is lost in silence."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review import cli
from review.demo import DEMO, copy_review
from review.files.store import Store
from review.formats import FORMATS, decoded, read_file
from review.formats.entry import entry
from review.ground.chinese_names import IDEOGRAPH
from review.ground.errors import InvalidDataError, UsageError
from review.ground.printable import spaced
from review.searching.imports import import_file
from tests.conftest import Dying, tree

WRITABLE = [one for one in FORMATS if one.read and one.write]
LETTERS = st.text(
    st.characters(
        categories=["L", "N", "P", "S", "Zs"], exclude_characters="\ufeff\u2028\u2029\x85"
    ),
    min_size=1,
    max_size=40,
).filter(lambda t: bool(spaced(t)))
WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12).filter(spaced)
NAME = st.text(st.characters(categories=["L"]), min_size=2, max_size=12).filter(
    lambda t: bool(spaced(t)) and t.casefold() != "and" and not IDEOGRAPH.search(t)
)
AUTHOR = st.one_of(
    st.fixed_dictionaries({"family": NAME, "given": NAME}),
    st.fixed_dictionaries({"family": NAME, "suffix": NAME, "given": NAME}),
    st.fixed_dictionaries({"family": NAME}),
    st.sampled_from(
        [{"literal": "Study Group"}, {"literal": "others"}, {"family": "张", "given": "雪"}]
    ),
)
ENTRY = st.builds(
    lambda **values: entry("file", **values),
    pmid=st.none() | st.integers(1, 999_999_999).map(str),
    pmcid=st.none() | st.integers(1, 9_999_999).map(lambda n: f"PMC{n}"),
    doi=st.none()
    | st.sampled_from(["10.5555/x.1", "10.5555/a?ref=b&c", "10.1002/(SICI)1:1<1::A>3"]),
    title=LETTERS.map(lambda t: "T" + (spaced(t) or "")),
    vernacular_title=st.none() | LETTERS.map(lambda t: "V" + (spaced(t) or "")),
    abstract=st.none() | LETTERS.map(lambda t: "A" + (spaced(t) or "")),
    authors=st.lists(AUTHOR, max_size=3, unique_by=str),
    journal=st.none() | LETTERS.map(lambda t: "J" + (spaced(t) or "")),
    year=st.none() | st.integers(1900, 2099),
    volume=st.none() | st.integers(1, 999).map(str),
    issue=st.none() | st.integers(1, 99).map(str),
    pages=st.none() | st.sampled_from(["1", "10-18", "e12"]),
    language=st.lists(st.sampled_from(["eng", "Chinese, Mandarin"]), max_size=2, unique=True),
    publication_types=st.lists(
        st.sampled_from(["Journal Article", "Review"]), max_size=2, unique=True
    ),
    mesh=st.lists(WORD, max_size=2, unique=True),
    keywords=st.lists(WORD | st.just("Receptors, GABA"), max_size=3, unique=True),
    registrations=st.lists(st.sampled_from(["NCT99000001", "ChiCTR1"]), max_size=2, unique=True),
)
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("one", WRITABLE, ids=lambda f: f.name)
@relaxed
@given(records=st.lists(ENTRY, min_size=1, max_size=3))
def test_a_way_out_and_back_keeps_every_field_both_have(
    tmp_path: Path, one: Any, records: list[Any]
) -> None:
    path = tmp_path / f"file{one.endings[0]}"
    path.write_text(one.write(records), encoding="utf-8")
    again = read_file(path).records
    assert len(again) == len(records)
    assert len(one.keeps) > 10
    for before, after in zip(records, again, strict=True):
        for field in one.keeps:
            assert after[field] == before[field], (one.name, field)


@pytest.mark.parametrize("first", WRITABLE, ids=lambda f: f.name)
@pytest.mark.parametrize("second", WRITABLE, ids=lambda f: f.name)
def test_any_format_becomes_any_other_by_the_command(
    tmp_path: Path, first: Any, second: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    start = tmp_path / f"a{first.endings[0]}"
    assert cli.main(["convert", str(DEMO / "world" / "2026-09-01.xml"), str(start)]) == 0
    end = tmp_path / f"b{second.endings[0]}"
    assert cli.main(["convert", str(start), str(end)]) == 0
    assert "130 records" in capsys.readouterr().out
    titles = [r["title"] for r in read_file(start).records]
    assert [r["title"] for r in read_file(end).records] == titles
    assert len(titles) == 130
    assert not list(tmp_path.glob(".*part"))


def test_a_formula_is_defused_and_comes_back(tmp_path: Path) -> None:
    titles = ["=1+1", "'=1+1", " =1+1", "＝1+1", "@a", "'plain", "-5 or more; =cmd|calc!A0"]
    path = tmp_path / "a.csv"
    write = next(f.write for f in FORMATS if f.name == "csv")
    assert write is not None
    path.write_text(write([entry("file", title=one) for one in titles]), encoding="utf-8")
    cells = [line.split(",")[3] for line in path.read_text("utf-8-sig").splitlines()[1:]]
    assert not [cell for cell in cells if cell.strip('"').lstrip()[:1] in "=+-@＝"]
    assert [one["title"] for one in read_file(path).records] == [
        " ".join(t.split()) for t in titles
    ]


@pytest.mark.parametrize("field", ["doi", "pmid", "pmcid", "language", "keywords", "title"])
def test_no_field_writes_a_record_of_its_own(tmp_path: Path, field: str) -> None:
    evil = "10.1/x\nER  - \n\nTY  - JOUR\nTI  - Injected"
    value: Any = [evil] if field in ("language", "keywords") else evil
    one = entry("file", **{"title": "Good", field: value})
    for form in FORMATS:
        if form.write and form.name != "jsonl":
            path = tmp_path / f"a{form.endings[0]}"
            path.write_text(form.write([one]), encoding="utf-8")
            try:
                assert len(read_file(path).records) == 1, form.name
            except InvalidDataError as error:
                assert field in str(error), form.name


def test_a_title_in_its_own_language_alone_is_written(tmp_path: Path) -> None:
    one = entry("file", vernacular_title="题目")
    assert len(WRITABLE) > 4
    for form in WRITABLE:
        path = tmp_path / f"a{form.endings[0]}"
        assert form.write is not None
        path.write_text(form.write([one]), encoding="utf-8")
        (read,) = read_file(path).records
        assert "题目" in (read["title"], read["vernacular_title"]), form.name


def test_several_files_become_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    xml = str(DEMO / "world" / "2026-09-01.xml")
    out = tmp_path / "all.ris"
    assert cli.main(["convert", xml, xml, str(out)]) == 0
    assert out.read_text(encoding="utf-8").count("TY  - ") == 260
    capsys.readouterr()


RIS = "TY  - JOUR\nTI  - One\nAU  - Doe, J\nER  - \n"
NBIB = "PMID- 900000001\nTI  - One\nFAU - Doe, Jane\nDP  - 2020\nSO  - J. 2020\n"
BIB = "@article{a, title={One}, author={Doe, J}, year={2020}}\n"
XML = "<xml><records><record><titles><title>One</title></titles></record></records></xml>"
NOTE = "{Reference Type}: Journal Article\n{Title}: 题目\n{Author}: 张三;李四\n{Year}: 2020\n"
BAD: dict[str, tuple[str, str, str]] = {
    "ris, no end": (
        "x.ris",
        RIS + "TY  - JOUR\nTI  - Two\n",
        "x.ris:5: the record that starts here has no ER line",
    ),
    "ris, an end lost between": (
        "x.ris",
        "TY  - JOUR\nTI  - One\n" + RIS,
        "x.ris:1: the record that starts here has no ER",
    ),
    "ris, another format": ("x.ris", BIB, "x.ris:1: found '@article"),
    "ris, a field outside": ("x.ris", "TI  - One\n" + RIS, "x.ris:1: found TI outside a record"),
    "nbib, html": (
        "x.nbib",
        "<html>blocked</html>",
        "x.nbib:1: found '<html>blocked",
    ),
    "nbib, html before": (
        "x.nbib",
        "<html>\n" + NBIB,
        "x.nbib:1: found '<html>' before the first record",
    ),
    "nbib, cut": (
        "x.nbib",
        NBIB + "\nPMID- 900000002\nTI  - Two\nAB  - Some words",
        "x.nbib:7: the record that starts here has no SO line",
    ),
    "bibtex, cut": ("x.bib", BIB + "@article{b, title={Two}, author=", "x.bib:"),
    "bibtex, twice one key": ("x.bib", BIB + BIB, "x.bib:"),
    "bibtex, nothing": ("x.bib", "hello", "x.bib:1: found no @entry{"),
    "csv, no title": (
        "x.csv",
        "a,b\n1,2\n",
        "x.csv:1: found the columns a,b, expected title among them",
    ),
    "csv, a cell too few": ("x.csv", "title,year\nOne\n", "x.csv:2: found 1 cells, expected 2"),
    "jsonl, a list": ("x.jsonl", "[1]\n", "x.jsonl:1: found no object with a title"),
    "jsonl, a strange key": (
        "x.jsonl",
        '{"title": "a", "colour": 1}\n',
        "x.jsonl:1: found the key colour",
    ),
    "jsonl, deep": ("x.jsonl", "[" * 100_000, "x.jsonl:1: not readable as JSON"),
    "csl, an object": ("x.json", "{}", "x.json:1: found something else, expected a list"),
    "endnote, entity": ("x.xml", '<!DOCTYPE x [<!ENTITY a "b">]>' + XML, "x.xml:"),
    "endnote, cut": ("x.xml", XML[:-20], "x.xml:1: damaged XML"),
    "noteexpress, no title": (
        "x.net",
        "{Reference Type}: Journal Article\n{Year}: 2020\n",
        "x.net:1: the record that starts here has no title",
    ),
    "noteexpress, before": (
        "x.net",
        "hello\n" + NOTE,
        "x.net:1: found 'hello' before the first record, expected Reference Type",
    ),
    "nbib, a start that a space hides": (
        "x.nbib",
        NBIB + "\n PMID- 900000002\nTI  - Two\nSO  - J\n",
        "x.nbib:7: found 'PMID- 900000002', expected a PMID line as it is written",
    ),
    "nbib, a start lost": (
        "x.nbib",
        NBIB + "\nTI  - Two\nSO  - J\n",
        "x.nbib:7: a second TI in the record that starts in line 1: PMID lost?",
    ),
    "noteexpress, a start in small letters": (
        "x.net",
        NOTE + NOTE.lower(),
        "x.net:5: found '{reference type}: journal article', expected a Reference Type line",
    ),
    "refworks, a colon too many": (
        "x.txt",
        "RT Journal Article\nT1 One\nRT: Journal\nT1 Two\n",
        "x.txt:3: found 'RT: Journal', expected a RT line as it is written",
    ),
    "refer, indented": (
        "x.enw",
        "%0 Journal Article\n%T One\n %0 Journal Article\n%T Two\n",
        "x.enw:3: found '%0 Journal Article', expected a 0 line",
    ),
    "bibtex, an @ lost": ("x.bib", BIB + "article{b,title={Two}}\n", "x.bib:2: found 'article{b"),
    "bibtex, a name nobody gave": (
        "x.bib",
        "@article{a, title={One}, journal=jn # {Neurol}}\n",
        "x.bib:1: found the name jn, expected a @string of the file",
    ),
    "bibtex, a crossref to nowhere": (
        "x.bib",
        "@article{a, title={One}, crossref={p}}\n",
        "x.bib:1: crossref: found p, expected its entry here",
    ),
    "csv, two PMIDs in a cell": (
        "x.csv",
        "title,pmid\nOne,33333333; 22222222\n",
        "x.csv:2: pmid: found '33333333; 22222222', expected one PMID",
    ),
    "csv, a PMID that a spreadsheet rounded": (
        "x.csv",
        "title,pmid\nOne,3.3333333E+07\n",
        "x.csv:2: pmid: found '3.3333333E+07', expected one PMID",
    ),
    "csv, no record": ("x.csv", "title\n", "x.csv: found no record, expected some"),
    "csl, no record": ("x.json", "[]", "x.json: found no record, expected some"),
    "pubmed, no record": ("x.xml", "<PubmedArticleSet/>", "x.xml: found no record"),
    "jsonl, a PMID of letters": (
        "x.jsonl",
        '{"title": "a", "pmid": "1,title={Evil},x"}\n',
        "x.jsonl:1: pmid: found '1,title={Evil},x', expected a PMID",
    ),
    "a NUL byte": ("x.ris", "TY  - JOUR\n\0", "x.ris:2: found a NUL byte"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_a_library_would_lose_is_one_line_and_nothing_is_written(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, text, sentence = BAD[name]
    (tmp_path / file).write_text(text, encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert cli.main(["convert", str(tmp_path / file), str(out)]) == 40
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not out.exists()
    assert not list(tmp_path.glob(".*part"))


def test_the_exports_of_chinese_databases_are_read(tmp_path: Path) -> None:
    texts = {
        "note.txt": NOTE + "{Journal}: 杂志\n{Keywords}: 疼痛;;瘙痒\n{Pages}: 12-18+25\n\n" + NOTE,
        "refer.txt": "%0 Journal Article\n%A 张三\n%A 李四\n%T 题目\n%J 杂志\n%D 2020\n%N 3\n%P 12-18\n%K 疼痛\n%X 摘要\n",
        "refworks.txt": "RT Journal Article\nSR 1\nA1 张三;李四\nT1 题目\nJF 杂志\nYR 2020\nIS 3\nOP 12-18\nK1 疼痛;瘙痒\nAB 摘要\nLA 中文\n",
        "ris.txt": "TY  - JOUR\nT1  - 题目\nA1  - 张三\nA1  - 李四\nJO  - 杂志\nPY  - 2020\nER  - \n",
    }
    for file, text in texts.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
        found = read_file(tmp_path / file).records
        assert len(found) == (2 if file == "note.txt" else 1)
        one = found[0]
        assert (one["title"], one["year"]) == ("题目", 2020), file
        assert one["authors"] == [{"literal": "张三"}, {"literal": "李四"}], file
        assert one["journal"] == "杂志", file


def test_an_encoding_is_said_and_never_guessed(tmp_path: Path) -> None:
    path = tmp_path / "cnki.net"
    path.write_bytes(NOTE.encode("gb18030"))
    with pytest.raises(InvalidDataError, match="may be gb18030: say --encoding gb18030"):
        read_file(path)
    assert read_file(path, encoding="gb18030").records[0]["title"] == "题目"
    path.write_text(NOTE, encoding="utf-8")
    with pytest.raises(InvalidDataError, match="found valid UTF-8, expected gb18030"):
        read_file(path, encoding="gb18030")
    with pytest.raises(UsageError, match="--encoding latin-1: expected one of utf-8"):
        decoded(b"x", "x", "latin-1")


def test_a_spreadsheet_runs_no_cell(tmp_path: Path) -> None:
    evil = entry(
        "file", title='=HYPERLINK("http://x")', journal="@SUM(1)", authors=[{"literal": "-1"}]
    )
    csv = next(one for one in WRITABLE if one.name == "csv")
    text = csv.write([evil]) if csv.write else ""
    assert not re.search(r'(?:^|,)"?[=@-]', text, re.MULTILINE)
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    again = read_file(tmp_path / "x.csv").records[0]
    assert (again["title"], again["journal"]) == (evil["title"], evil["journal"])


def run_import(root: Path, path: Path, *more: str) -> int:
    command = ["import", str(path), "--source", "cnki", "--platform", "CNKI, web", *more]
    return cli.main([*command, "--root", str(root)], today="2026-09-20")


HELD = Store(DEMO).records()["pmid-900000001"]
CNKI = (
    NOTE
    + "{Journal}: 杂志\n{Abstract}: 疼痛见于 36/57 例。\n"
    + f"{{Reference Type}}: Journal Article\n{{Title}}: {HELD.title}\n{{DOI}}: {HELD.doi}\n"
)


def test_an_export_becomes_records_of_a_named_source(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cnki.net"
    path.write_bytes(CNKI.encode("gb18030"))
    assert run_import(root, path, "--encoding", "gb18030", "--dry-run") == 10
    assert Store(root).imports() == []
    assert run_import(root, path, "--encoding", "gb18030", "--query", "主题=疼痛", "--json") == 10
    capsys.readouterr()
    one = Store(root).imports()[0]
    assert (one.source, one.date, one.run, one.found, one.encoding) == (
        "cnki",
        "2026-09-20",
        1,
        2,
        "gb18030",
    )
    assert (len(one.new), one.known) == (1, ("pmid-900000001",)), "the DOI and title are held"
    assert one.query == "主题=疼痛"
    record = Store(root).records()[one.new[0]]
    assert (record.source, record.title, record.pmid) == ("cnki", "题目", None)
    assert Store(root).text(record) == "疼痛见于 36/57 例。"
    assert record.abstract is None, "an abstract is not committed"
    assert cli.main(["check", "--root", str(root)]) == 0
    from review.selection.flow import flow
    from review.selection.library import Library

    assert dict(flow(Library.of(Store(root).snapshot())).by_source) == {"cnki": 1, "pubmed": 57}


def test_one_doi_on_two_papers_keeps_both_for_a_person_to_judge(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    path.write_text(NOTE + f"{{DOI}}: {HELD.doi}\n", encoding="utf-8")
    assert run_import(root, path) == 10
    new = Store(root).imports()[0].new[0]
    assert new.startswith("src-")
    assert cli.main(["dedupe", "--root", str(root)]) == 0
    found = Store(root).duplicates()
    assert found is not None
    assert {HELD.id, new} in [{pair.a, pair.b} for pair in found.queue]
    assert cli.main(["check", "--root", str(root)]) == 0


def test_a_record_that_stands_twice_in_a_file_is_counted_as_such(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.net"
    path.write_text(NOTE + NOTE + NOTE.replace("2020", "2021"), encoding="utf-8")
    assert run_import(root, path) == 10
    one = Store(root).imports()[0]
    assert (one.found, len(one.new), one.known, one.repeated) == (3, 2, (), 1)


def test_an_import_killed_at_any_write_and_done_again_ends_in_the_same_bytes(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.net"
    path.write_text(CNKI, encoding="utf-8")
    start = tree(root, ".review.lock")
    words = {"source": "cnki", "platform": "CNKI", "searched": "2026-09-20"}
    import_file(Store(root), path, **words)
    wanted = tree(root, ".review.lock")
    writes = len(set(wanted) - set(start)) + 1
    assert writes > 3
    for at in range(writes):
        shutil.rmtree(root)
        copy_review(root)
        with pytest.raises(KeyboardInterrupt):
            import_file(Store(root, Dying(at)), path, **words)
        import_file(Store(root), path, **words)
        assert tree(root, ".review.lock") == wanted, at


def test_the_same_file_is_imported_once_and_a_second_adds_only_what_is_new(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.net"
    path.write_text(CNKI, encoding="utf-8")
    assert run_import(root, path) == 10
    assert run_import(root, path) == 2
    assert "these bytes were imported on 2026-09-20 (a.net)" in capsys.readouterr().err
    path.write_text(CNKI + "\n", encoding="utf-8")
    assert run_import(root, path) == 0
    assert [one.run for one in Store(root).imports()] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--source", "pubmed"), "--source pubmed: is searched by the program"),
        (("--source", "../x"), "--source ../x: expected a short name"),
        (("--platform", " "), "--platform: expected one line"),
        (("--platform", "x" * 3000), "--platform: expected one line"),
        (("--query", " "), "--query: expected one line"),
        (("--searched", "2026-99-99"), "--searched 2026-99-99: expected a day"),
        (("--searched", "2999-01-01"), "--searched 2999-01-01: found a day after today"),
        (("--searched", "today"), "--searched today: expected a day"),
        (("--format", "word"), "--format word: expected one of"),
    ],
)
def test_wrong_words_import_nothing(
    root: Path,
    tmp_path: Path,
    arguments: tuple[str, str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "a.net"
    path.write_text(CNKI, encoding="utf-8")
    before = sorted((root / "data").rglob("*"))
    assert run_import(root, path, *arguments) == 2
    assert sentence in capsys.readouterr().err
    assert sorted((root / "data").rglob("*")) == before


def test_a_pmid_on_another_paper_is_told_and_nothing_is_imported(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ris"
    path.write_text(
        "TY  - JOUR\nTI  - Stripes of the zebra in the dry season\nDB  - PubMed\nAN  - 900000001\nER  - \n",
        encoding="utf-8",
    )
    before = tree(root, ".review.lock")
    assert run_import(root, path) == 40
    assert "pmid: 900000001 is held as" in capsys.readouterr().err
    assert tree(root, ".review.lock") == before


def test_a_record_that_cannot_be_kept_is_named_with_its_field(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ris"
    record = f"TY  - JOUR\nTI  - {'long ' * 5000}\nER  - \n"
    path.write_text(record * 30, encoding="utf-8")
    assert run_import(root, path) == 40
    told = capsys.readouterr().err
    assert "record 1: can't be kept: title: String should have at most 20000" in told
    assert "pydantic.dev" not in told
    assert "10 more records like these" in told
    assert told.count("\n") == 21


def test_a_name_of_bytes_is_written_as_text(root: Path, tmp_path: Path) -> None:
    import os

    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.net"))
    path.write_text(CNKI, encoding="utf-8")
    assert run_import(root, path) == 10
    assert Store(root).imports()[0].file == "b\ufffd.net"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("TY  - JOUR\nTI  - Guérin\nER  - \n".encode("cp1252"), "say --encoding cp1252"),
        ("TY  - JOUR\nTI  - 题目研究\nER  - \n".encode("gb18030"), "say --encoding gb18030"),
        ("TY  - JOUR\nTI  - One\nER  - \n".encode("utf-16"), "say --encoding utf-16"),
    ],
)
def test_the_encoding_that_is_proposed_is_the_one_that_reads(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidDataError, match=sentence):
        decoded(data, "a.ris", None)
    assert "JOUR" in decoded(data, "a.ris", sentence.split()[-1])


def test_what_does_not_read_as_chinese_is_refused_as_chinese() -> None:
    data = "TY  - JOUR\nTI  - Guérin\nER  - \n".encode("cp1252")
    with pytest.raises(InvalidDataError, match="does not read as Chinese in gb18030"):
        decoded(data, "a.ris", "gb18030")


def test_nothing_is_half_imported(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.ris"
    path.write_text(RIS + "TY  - JOUR\nTI  - Cut off\n", encoding="utf-8")
    before = sorted((root / "data").rglob("*"))
    assert run_import(root, path) == 40
    assert sorted((root / "data").rglob("*")) == before


READ = {
    "ris: small letters, one space, and a text of two lines": (
        "a.ris",
        "ty - JOUR\nti - One\nab - first line\nsecond line\nER -\n",
        {"title": "One", "abstract": "first line second line"},
    ),
    "ris: a PMID only where the database says so": (
        "a.ris",
        "TY  - JOUR\nTI  - One\nAN  - 12345\nDB  - Embase\nER  - \n",
        {"pmid": None},
    ),
    "ris: the whole range in the first page": (
        "a.ris",
        "TY  - JOUR\nTI  - One\nSP  - 10-18\nEP  - 18\nER  - \n",
        {"pages": "10-18"},
    ),
    "nbib: no blank line between, notices and registrations": (
        "a.nbib",
        NBIB.replace(
            "SO", "SI  - ClinicalTrials.gov/NCT99000001\nEIN - J. 2021. PMID: 900000002\nSO"
        ),
        {
            "registrations": ["NCT99000001"],
            "notices": [
                {"type": "erratum_in", "pmid": "900000002", "reference": "J. 2021. PMID: 900000002"}
            ],
        },
    ),
    "bibtex: others is nobody, braces are one name, a suffix stands second": (
        "a.bib",
        "@article(a, title={One}, author={Doe, Jr., Jane and {Group and Sons} and others})\n",
        {
            "authors": [
                {"family": "Doe", "suffix": "Jr.", "given": "Jane"},
                {"literal": "Group and Sons"},
            ]
        },
    ),
    "endnote: a raised or lowered figure is no digit of what stands beside it": (
        "a.xml",
        XML.replace(
            "One",
            '<style face="normal">CO</style><style face="subscript" size="100%">2</style> in 12'
            '<style face="italic superscript">3</style> women',
        ).replace(
            "</record>",
            "<abstract><style>P &lt; 10</style><style face='superscript'>-6</style></abstract>"
            "</record>",
        ),
        {"title": "CO₂ in 12³ women", "abstract": "P < 10⁻⁶"},
    ),
    "bibtex: a raised or lowered figure is no digit of what stands beside it": (
        "a.bib",
        "@article{a, title={CO\\textsubscript{2} and H$_2$O in 12\\textsuperscript{3} women},"
        " abstract={Of 40\\textsuperscript{a}, 10$^{3}$ or 50$^{1a}$ or $10^{-6}$ or $5 \\times 10^4$;"
        " the 1\\textsuperscript{st}, 5\\$ and 6\\$, {{$x_{1}$}}}}\n",
        {
            "title": "CO₂ and H₂O in 12³ women",
            "abstract": "Of 40, 10³ or 50¹ or 10⁻⁶ or 5 ×10⁴; the 1st, 5$ and 6$, x₁",
        },
    ),
    "bibtex: LaTeX in a title": (
        "a.bib",
        "@article{a, title={Sj{\\\"o}gren's \\& more}}\n",
        {"title": "Sjögren's & more"},
    ),
    "csv: PubMed's own columns": (
        "a.csv",
        'PMID,Title,Authors,Journal/Book,Publication Year,DOI\n12.0,One,"Doe J, Roe K.",J,2020,\n',
        {
            "pmid": "12",
            "journal": "J",
            "year": 2020,
            "authors": [{"family": "Doe", "given": "J"}, {"family": "Roe", "given": "K"}],
        },
    ),
    "ris: a line of the abstract that looks like a tag": (
        "a.ris",
        "TY  - JOUR\nTI  - One\nAB  - a hazard\nHR - 2.3 and more\nER  - \n",
        {"abstract": "a hazard HR - 2.3 and more"},
    ),
    "ris: an abstract in parts": (
        "a.ris",
        "TY  - JOUR\nTI  - One\nAB  - Aim.\nAB  - Result.\nER  - \n",
        {"abstract": "Aim. Result."},
    ),
    "ris: Embase's number is no PMID, and another paper's DOI is not its own": (
        "a.ris",
        "TY  - JOUR\nTI  - One\nDB  - Embase, MEDLINE\nAN  - 631234567\n"
        "N1  - Comment on: Roe 2020. doi: 10.5555/other\nER  - \n",
        {"pmid": None, "doi": None},
    ),
    "ris: a Chinese name in two parts is one": (
        "a.ris",
        "TY  - JOUR\nTI  - One\nAU  - 欧阳, 锋\nAU  - 张, 三\nER  - \n",
        {"authors": [{"family": "欧阳", "given": "锋"}, {"family": "张", "given": "三"}]},
    ),
    "nbib: an unindented line of the abstract": (
        "a.nbib",
        NBIB.replace("FAU", "AB  - a hazard\nOR - 2.0 unindented\nFAU"),
        {"abstract": "a hazard OR - 2.0 unindented"},
    ),
    "noteexpress: a field twice that nobody reads": (
        "a.net",
        NOTE + "{Journal}: 杂志\n{Author Address}: a\n{Author Address}: b\n",
        {"journal": "杂志"},
    ),
    "bibtex: strings and pieces, a crossref": (
        "a.bib",
        '@string{jn = "J. "}\n@article{a, title={One} # { Two}, crossref={p}, journal=jn # "Neurol"}\n'
        "@proceedings{p, title={Meeting}, year=2020}\n",
        {"title": "One Two", "journal": "J. Neurol", "year": 2020},
    ),
    "bibtex: names without commas": (
        "a.bib",
        "@article{a, title={One}, author={{Smith}, {John} and Jane van der Doe and John Q. Roe}}\n",
        {
            "authors": [
                {"family": "Smith", "given": "John"},
                {"family": "van der Doe", "given": "Jane"},
                {"family": "Roe", "given": "John Q."},
            ]
        },
    ),
    "csv: Scopus' authors": (
        "a.csv",
        'Title,Authors,Document Type,Source\nOne,"Smith J.; Lee K.",Article,Scopus\n',
        {
            "authors": [{"family": "Smith", "given": "J"}, {"family": "Lee", "given": "K"}],
            "journal": None,
        },
    ),
    "csv: PubMed's collective names": (
        "a.csv",
        'Title,Authors\nOne,"Doe J, Roe K; Study Group."\n',
        {
            "authors": [
                {"family": "Doe", "given": "J"},
                {"family": "Roe", "given": "K"},
                {"literal": "Study Group"},
            ]
        },
    ),
    "csl: Crossref's own oddities": (
        "a.json",
        '[{"title": "One", "author": [{"family": "Doe", "affiliation": []}], '
        '"issued": {"date-parts": [[null]]}}]',
        {"authors": [{"family": "Doe"}], "year": None},
    ),
    "csl: Crossref's lists of one": (
        "a.json",
        '[{"title": ["One"], "container-title": ["J"], "issued": {"date-parts": [[2020, 5]]}}]',
        {"title": "One", "journal": "J", "year": 2020},
    ),
    "a DOI in a link, with what the link adds": (
        "a.ris",
        "TY  - JOUR\nTI  - One\nUR  - https://doi.org/10.5555%2Fa(1)b?utm_source=x\nER  - \n",
        {"doi": "10.5555/a(1)b"},
    ),
    "UTF-8 with a mark, and lines that end as Windows ends them": (
        "a.ris",
        "\ufeffTY  - JOUR\r\nTI  - One\r\nER  - \r\n",
        {"title": "One"},
    ),
}


@pytest.mark.parametrize("name", READ)
def test_a_field_is_read_as_its_format_means_it(tmp_path: Path, name: str) -> None:
    file, text, fields = READ[name]
    (tmp_path / file).write_bytes(text.encode())
    one = read_file(tmp_path / file).records[0]
    assert {key: one[key] for key in fields} == fields  # type: ignore[literal-required]


def test_columns_of_a_table_that_nothing_is_read_from_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Title,Colour\nOne,red\n", encoding="utf-8")
    assert read_file(path).ignored == ("colour",)
    assert cli.main(["convert", str(path), str(tmp_path / "a.ris")]) == 0
    told = capsys.readouterr().err
    assert told == f"{path}: nothing was read from the columns colour\n"
