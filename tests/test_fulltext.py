"""Full texts through the offline world: fetched, held, read with their tables, drafted, guarded."""

from __future__ import annotations

import json
import resource
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from review import cli
from review.checking.check import check
from review.extraction.attest import held_text
from review.extraction.draft import place
from review.extraction.extract import lexicon
from review.extraction.posted_results import findings as registry_findings
from review.extraction.tables import findings, table_findings
from review.files.store import Store
from review.ground.errors import SourceError
from review.ground.net import RateLimiter, limiter_of
from review.model.fulltext import TextKind
from review.offline.faults import Fault
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import World, full_texts, trials
from review.texts import jats
from review.texts import pdf as reader
from review.texts.registry import read, text
from tests.conftest import HOME, SHARED

WORLD = HOME / "demo" / "world"
ARTICLE = WORLD / "fulltexts" / "PMC9900004.xml"
RECORD = "pmid-900000004"
DAY = "2026-10-02"


@contextmanager
def internet(faults: tuple[Fault, ...] = ()) -> Iterator[Eutils]:
    """The world with its full texts and registry."""
    service = Eutils(
        World.folder(WORLD).as_of("2026-10-01"),
        faults=faults,
        fulltexts=full_texts(WORLD / "fulltexts"),
        trials=trials(WORLD / "trials"),
    )
    with OfflineServer(service) as server, redirected(server.port):
        yield service


@pytest.fixture
def root(tmp_path: Path) -> Path:
    target = tmp_path / "review"
    shutil.copytree(HOME / "demo", target, ignore=shutil.ignore_patterns("world", "*.py", "texts"))
    with internet():
        assert cli.main(["search", "--root", str(target), "--json"], today="2026-10-01") in (
            0,
            10,
            20,
        )
    for path in (target / "data" / "extractions").glob("*-2022.yaml"):
        path.unlink()
    return target


def words() -> object:
    return lexicon(Store(HOME / "demo").vocabulary())


def test_a_full_text_with_tables_is_drafted_into_a_study(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with internet() as service:
        assert cli.main(["fulltext", "--root", str(root), "--json"], today=DAY) == 0
    said = json.loads(_last(capsys))
    kinds = {(one["record"], one["kind"]) for one in said["fetched"]}
    assert (RECORD, "jats") in kinds
    assert ("pmid-900000002", "registry") in kinds
    assert all(one["record"] != RECORD for one in said["a_person_must_fetch"])
    assert any(one["why"] == "not in PubMed Central" for one in said["a_person_must_fetch"])
    assert {"idconv", "fulltext", "registry"} <= set(service.calls)
    store = Store(root)
    assert store.held_text(RECORD) is not None
    assert not (root / "data" / "fulltexts").exists()  # the protocol does not ask to commit them

    assert cli.main(["extract", "--root", str(root)], today=DAY) == 0
    drafted = Store(root).extractions()["dunmore-2022"]
    scores = [r for r in drafted.results if r.instrument == "nrs"]
    assert {(r.value, r.spread, r.group) for r in scores} >= {
        (5.1, "sd 2.2", "Subtype Grey"),
        (3.8, "sd 1.9", "Subtype Blue"),
    }
    cell = next(r for r in scores if r.value == 5.1)
    assert (
        cell.locator == "Table 1, row 4 (At enrolment Pain, NRS), column 2 (Subtype Grey (n = 52))"
    )
    assert cell.source_tier == "primary"
    spasms = [r for r in drafted.results if r.percent == 28.8]
    assert [(r.events, r.total) for r in spasms] == [(15, None)]
    assert {(a.label, a.people) for a in drafted.arms} == {
        ("Subtype Grey", 52),
        ("Subtype Blue", 40),
    }
    assert drafted.funding is not None
    assert drafted.funding.value is not None
    assert drafted.design.locator == "section Methods" or drafted.design.value == "nonrandom_sample"
    raw = (root / "data" / "extractions" / "dunmore-2022.yaml").read_text(encoding="utf-8")
    assert "# Held: jats from Europe PMC" in raw
    assert "1 tables are pictures" in raw
    assert "# look in: " in raw
    assert not [p for p in check(Store(root).snapshot()) if "dunmore-2022" in p.path]


def test_each_host_has_one_limiter_for_all_that_is_fetched(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[RateLimiter] = []
    monkeypatch.setattr(RateLimiter, "wait", lambda self: waited.append(self))
    with internet() as service:
        for _ in range(2):
            assert cli.main(["fulltext", "--root", str(root)], today=DAY) == 0
    assert len(waited) == len(service.log)
    hosts = ("pmc.ncbi.nlm.nih.gov", "www.ebi.ac.uk", "clinicaltrials.gov")
    assert set(waited) == {limiter_of(host, 3) for host in hosts}


def _last(capsys: pytest.CaptureFixture[str]) -> str:
    out = capsys.readouterr().out
    return out[out.index("{") :]


def test_a_changed_digit_of_a_table_s_value_is_a_problem(root: Path) -> None:
    with internet():
        cli.main(["fulltext", "--root", str(root), "--record", RECORD], today=DAY)
    cli.main(["extract", "--root", str(root)], today=DAY)
    path = root / "data" / "extractions" / "dunmore-2022.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace('5.1 ± 2.2"', '5.7 ± 2.2"'), encoding="utf-8")
    sentences = [p.sentence for p in check(Store(root).snapshot()) if "dunmore-2022" in p.path]
    assert any("does not hold 5.1" in one for one in sentences)
    assert any("does not stand in the text" in one for one in sentences)


def test_where_protocol_and_licence_allow_the_text_is_committed(root: Path) -> None:
    path = root / "protocol.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "store_full_texts: true\n", encoding="utf-8")
    with internet():
        cli.main(["fulltext", "--root", str(root), "--record", RECORD], today=DAY)
    held, data = Store(root).held_text(RECORD) or (None, b"")
    assert held is not None
    assert held.licence == "CC BY 4.0"
    assert (root / "data" / "fulltexts" / f"{RECORD}.jats.xml").read_bytes() == data


@pytest.mark.parametrize("action", ["http_500", "html_200", "truncated", "reset", "empty_body"])
def test_a_fault_that_stays_leaves_the_article_to_a_person(
    root: Path, action: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.ground.net.time.sleep", lambda _seconds: None)
    with internet((Fault("fulltext", 1, action, persistent=True),)):
        assert (
            cli.main(["fulltext", "--root", str(root), "--record", RECORD, "--json"], today=DAY)
            == 0
        )
    said = json.loads(_last(capsys))
    assert not said["fetched"]
    assert [one["record"] for one in said["a_person_must_fetch"]] == [RECORD]
    assert Store(root).held_text(RECORD) is None


def test_another_article_is_not_taken_for_the_record_s(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "a.xml"
    wrong.write_bytes(ARTICLE.read_bytes().replace(b"900000004", b"900000005"))
    command = ["fulltext", "--root", str(root), "--record", RECORD, "--put", str(wrong)]
    assert cli.main(command, today=DAY) == 2
    assert "found the article of PMID 900000005, expected 900000004" in capsys.readouterr().err
    assert Store(root).held_text(RECORD) is None
    (tmp_path / "b.txt").write_text("no article", encoding="utf-8")
    command[-1] = str(tmp_path / "b.txt")
    assert cli.main(command, today=DAY) == 2
    assert "expected a PDF, or JATS XML" in capsys.readouterr().err
    assert cli.main(["fulltext", "--root", str(root), "--put", str(wrong)], today=DAY) == 2
    assert cli.main(["fulltext", "--root", str(root), "--record", "pmid-1"], today=DAY) == 2


def pdf(path: Path, lines: list[str]) -> Path:
    """A PDF of one page that prints some lines, written by hand."""
    shown = "".join(f"({one}) Tj T* " for one in lines)
    stream = f"BT /F1 12 Tf 14 TL 40 800 Td {shown} ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = "%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n"
    body += "".join(f"{place:010d} 00000 n \n" for place in places)
    body += f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    path.write_bytes(body.encode("latin-1"))
    return path


def test_a_pdf_is_second_class_and_says_so(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = pdf(
        tmp_path / "mine.pdf",
        ["We enrolled 92 patients.", "Pain was reported by 61 of 92", "patients (66.3%)."],
    )
    command = ["fulltext", "--root", str(root), "--record", RECORD, "--put", str(mine)]
    assert cli.main(command, today=DAY) == 0
    assert "second class" in capsys.readouterr().out
    held = Store(root).held_text(RECORD)
    assert held is not None
    assert held[0].kind is TextKind.PDF
    cli.main(["extract", "--root", str(root)], today=DAY)
    raw = (root / "data" / "extractions" / "dunmore-2022.yaml").read_text(encoding="utf-8")
    assert "second class, check every digit" in raw
    assert "PDF page 1" in raw
    store = Store(root)
    record = store.records()[RECORD]
    assert "61 of 92 patients" in (held_text(store, record, "PDF page 1") or "")


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4 nothing", b"%PDF-", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>"]
)
def test_a_broken_pdf_is_one_line(data: bytes) -> None:
    with pytest.raises(SourceError, match="PDF"):
        reader.pages(data)


def small_and_slow() -> bytes:
    """A PDF of about a thousand bytes: a long stream, packed twice, that is the content of each of
    its pages.
    """
    content = zlib.compress(zlib.compress(b"BT /F1 9 Tf 9 9 Td (a) Tj ET " * 100_000, 9), 9)
    font = b"<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    head = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>" % len(content)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 40 /Kids [%s] >>" % (b"3 0 R " * 40),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 99 99] "
        b"/Resources << /Font %s >> >>" % font,
        b"%s\nstream\n%s\nendstream" % (head, content),
    )
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % at for at in places)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n%s" % rows
    return out + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start


def test_a_pdf_that_takes_long_is_one_line_and_costs_no_more_than_its_limit(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = small_and_slow()
    assert len(data) < 2_000
    mine = tmp_path / "slow.pdf"
    mine.write_bytes(data)
    monkeypatch.setattr(reader, "SECONDS", 1)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = ["fulltext", "--root", str(root), "--record", RECORD, "--put", str(mine)]
    assert cli.main(command, today=DAY) == 2
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 2
    said = capsys.readouterr().err
    assert "a PDF that can't be read within 1 seconds" in said
    assert said.count("\n") == 1


def test_a_pdf_that_takes_much_memory_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MEGABYTES", 20)  # Python alone needs more
    with pytest.raises(SourceError, match=r"PDF that can't be read within .* 20 MB|over 20 MB"):
        reader.pages(small_and_slow())


def test_the_child_that_reads_a_pdf_runs_nothing_of_the_folder_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pypdf.py").write_text("open('ran', 'w').close()\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"without words|can't be read"):
        reader.pages(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>")
    assert not (tmp_path / "ran").exists()


def test_a_child_that_ends_otherwise_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PROGRAM", "raise SystemExit(3)")
    with pytest.raises(SourceError, match="its reader ended with 3"):
        reader.pages(b"%PDF-")


def test_the_child_that_reads_a_pdf_gets_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEW_MODEL_KEY", "key-of-a-test")
    monkeypatch.setenv("NCBI_API_KEY", "key-of-a-test")
    told = "import json, os; print(json.dumps({'pages': sorted(os.environ)}))"
    monkeypatch.setattr(reader, "PROGRAM", told)
    names = reader.pages(b"%PDF-")
    assert "PYTHONPATH" in names
    assert not [name for name in names if "KEY" in name or "NCBI" in name]


def test_spans_make_a_rectangle_and_numbers_keep_their_thousands() -> None:
    article = jats.parse(ARTICLE.read_bytes())
    (table,) = article.tables
    assert {len(row) for row in table.rows} == {4}
    assert table.rows[1] == ("Measure", "Grey (n = 52)", "Blue (n = 40)", "P value")
    assert table.header == 2
    assert article.graphics_only == 1
    assert article.figures == (("Figure 1.", "Flow of people through the survey."),)
    assert [s.role for s in article.sections] == [
        "introduction",
        "methods",
        "methods",
        "results",
        "funding",
    ]
    wide = (table.rows[0], ("", "Grey (n = 22 447)", "Blue (n = 1,204)", ""))
    other = jats.Table("Table 9", "", wide, 2)
    sizes = [
        p.finding.value for p in table_findings(other, words()) if p.finding.field == "arm_size"
    ]  # type: ignore[arg-type]
    assert sizes == [22447, 1204]


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"<html/>",
        b"<article",
        b"\x00\x01",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><b>&x;</b>',
    ],
)
def test_what_is_no_article_is_refused(bad: bytes) -> None:
    with pytest.raises(SourceError):
        jats.parse(bad)


def test_hostile_spans_and_entities_do_no_harm() -> None:
    data = (
        b'<!DOCTYPE article [<!ENTITY x SYSTEM "file:///etc/passwd">]><article><front/><body><sec>'
        b"<title>Results</title><p>&x;</p><table-wrap><label>T</label><table><tr>"
        b'<td rowspan="999999999" colspan="999999999">a</td></tr></table></table-wrap></sec></body></article>'
    )
    article = jats.parse(data)
    assert "root:" not in repr(article)
    assert len(article.tables[0].rows[0]) <= jats.MAX_SPAN


def test_every_finding_of_a_full_text_stands_in_its_place() -> None:
    article = jats.parse(ARTICLE.read_bytes())
    held = {"title": article.title, "abstract": article.abstract}
    held |= {f"section {s.title or s.role}": s.text for s in article.sections}
    placed = list(findings(article, words()))  # type: ignore[arg-type]
    assert {place(one.locator) for one in placed} >= {
        "title",
        "abstract",
        "results",
        "section",
        "table",
    }
    for one in placed:
        if place(one.locator) == "table":
            text_ = article.tables[0].text
            start = one.finding.start
            assert text_[start : start + len(one.finding.quote)] == one.finding.quote
        else:
            assert one.finding.quote in held[one.locator]


def test_posted_results_are_a_source_with_quotes_of_their_own() -> None:
    study = read((WORLD / "trials" / "NCT99000002.json").read_bytes())
    found = list(registry_findings(study, words()))  # type: ignore[arg-type]
    whole = text(study)
    for one in found:
        start = one.finding.start
        if one.finding.field != "registration":
            assert whole[start : start + len(one.finding.quote)] == one.finding.quote, one
    means = [p.finding for p in found if p.finding.field == "outcome_value"]
    assert [(m.value, m.details["analysed"], m.details["spread_kind"]) for m in means] == [
        (3.1, 31, "sd"),
        (4.5, 29, "sd"),
    ]
    (effect,) = [p.finding for p in found if p.finding.field == "effect"]
    assert (effect.value, effect.details["ci_low"], effect.details["ci_high"]) == (-1.4, -2.3, -0.5)
    assert [p.finding.value for p in found if p.finding.field == "design"] == ["randomised_trial"]
    with pytest.raises(SourceError):
        read(b'{"protocolSection": {"identificationModule": {"nctId": 3}}}')
    with pytest.raises(SourceError):
        read(b"[" * 100_000)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the open-access texts lie beside the project only")
def test_real_open_access_texts() -> None:
    paths = sorted((SHARED / "pubmed" / "jats").glob("*.nxml"))
    articles = {path.stem: jats.parse(path.read_bytes()) for path in paths}
    placed = {name: list(findings(one, words())) for name, one in articles.items()}  # type: ignore[arg-type]
    assert {name for name, found in placed.items() if not found} == {"pone.0000217"}, "of no study"
    assert all(one.finding.quote for found in placed.values() for one in found)
    assert all(one.title and one.sections for one in articles.values())
    tables = [table for one in articles.values() for table in one.tables]
    assert len(tables) > 10
    assert all(len({len(row) for row in table.rows}) == 1 for table in tables)


# ---- texts that mislead --------------------------------------------------------------------------


def article(body: str, title: str = "A title", abstract: str = "An abstract.") -> bytes:
    front = (
        f"<article-meta><title-group><article-title>{title}</article-title></title-group>"
        f"<abstract><p>{abstract}</p></abstract></article-meta>"
    )
    return f"<article><front>{front}</front><body>{body}</body></article>".encode()


def table(rows: str, caption: str = "Outcomes") -> str:
    head = "<thead><tr><th>Row</th><th>A (n=60)</th></tr></thead>"
    return (
        f"<table-wrap><label>Table 1</label><caption><p>{caption}</p></caption>"
        f"<table>{head}<tbody>{rows}</tbody></table></table-wrap>"
    )


def cells(rows: str, caption: str = "Outcomes") -> list[tuple[str, object]]:
    text = jats.parse(article(table(rows, caption)))
    found = findings(text, words())  # type: ignore[arg-type]
    return [
        (p.finding.field, p.finding.value) for p in found if p.locator.startswith("Table 1, row")
    ]


def test_a_reference_is_no_digit_and_a_power_is_one() -> None:
    body = (
        "<sec><title>Methods</title><p>We randomised 40<sup>12</sup> patients to A or placebo."
        " 10<sup>6</sup> cells; P=1×10<sup>−4</sup>; the 5<sup>th</sup> day; n=60<sup>a</sup>.</p></sec>"
    )
    text = jats.parse(article(body))
    assert "40¹² patients" in text.sections[0].text
    assert "5th day; n=60." in text.sections[0].text
    found = {(p.finding.field, p.finding.value) for p in findings(text, words())}  # type: ignore[arg-type]
    assert ("p_value", 1e-4) in found
    assert not any(isinstance(value, int) and value > 100 for _, value in found)


def test_a_table_or_figure_inside_a_paragraph_is_none_of_its_words() -> None:
    inside = (
        table("<tr><td>Pain</td><td>24</td></tr>")
        + "<fig><caption><p>99 patients</p></caption></fig>"
    )
    text = jats.parse(article(f"<sec><title>Results</title><p>Before.{inside} After.</p></sec>"))
    assert text.sections[0].text == "Before. After."


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("<td>No pain, n (%)</td><td>36 (60)</td>", []),
        ("<td>Pain duration, months</td><td>24 (40)</td>", []),
        ("<td>Pain, age at onset (years)</td><td>45.1 ± 12</td>", []),
        ("<td>Pain</td><td>24</td>", []),
        ("<td>Pain, n (%)</td><td>24 (40)</td>", [("prevalence", 40.0)]),
        ("<td>Pain, n (%)</td><td>24<sup>1</sup> (40%)</td>", [("prevalence", 40.0)]),
        ("<td>Pain, n (%)</td><td>24<sup>1, 2</sup> (40%)</td>", [("prevalence", 40.0)]),
        ("<td>Pain, n (%)</td><td>24 (40%)<sup>1,2</sup></td>", [("prevalence", 40.0)]),
        (
            "<td>Pain score, mean (SD)</td><td>5.5 ± 2.1<sup>abc</sup></td>",
            [("outcome_value", 5.5)],
        ),
        ("<td>Patients with pain, %</td><td>40.0</td>", [("prevalence", 40.0)]),
        ("<td>Pain score, mean (SD)</td><td>5 (2.1)</td>", [("outcome_value", 5.0)]),
        ("<td>Pain score</td><td>8<sup>2</sup></td>", [("outcome_value", 8.0)]),
        ("<td>Pain score</td><td>10<sup>6</sup></td>", []),
        ("<td>Pain score</td><td>10<sup>-6</sup></td>", []),
        ("<td>Pain</td><td>24 (40)</td>", [("prevalence", 40.0)]),
        ("<td>Pain</td><td>5 (3)</td>", []),
    ],
)
def test_rows_are_what_they_are_called(row: str, expected: list[tuple[str, object]]) -> None:
    assert cells(f"<tr>{row}</tr>") == expected


def test_another_paper_s_table_inside_the_file_is_not_this_paper_s() -> None:
    inner = article(table("<tr><td>Pain, n (%)</td><td>9 (15)</td></tr>")).decode()
    inner = inner.replace("<article>", "<sub-article>").replace("</article>", "</sub-article>")
    text = jats.parse(article("<p>x</p>").replace(b"</article>", inner.encode() + b"</article>"))
    assert text.tables == ()


def test_a_text_cut_short_is_refused() -> None:
    whole = article("<sec><title>Methods</title><p>We randomised 50 patients.</p></sec>")
    with pytest.raises(SourceError, match="cut short"):
        jats.parse(whole[: len(whole) * 3 // 4])


def drafted(title: str, abstract: str, body: str) -> object:
    from extractors import Passage, find_all
    from review.extraction.draft import draft
    from review.model.record import Record

    lex = words()
    text = jats.parse(article(body, title, abstract))
    record = Record(format=1, id="doi-0000000001", source="seed", title=title)
    own = find_all(Passage(title, abstract), lex)  # type: ignore[arg-type]
    return draft("a-2020", record, [*own, *findings(text, lex)], "2026-10-02")  # type: ignore[arg-type]


METHODS = "<sec><title>Methods</title><p>{}</p></sec>"


@pytest.mark.parametrize(
    ("title", "abstract", "methods", "design"),
    [
        (
            "Pain in B: a retrospective cohort study",
            "We reviewed 80 charts.",
            "In the pivotal trial patients were randomly assigned to A or placebo.",
            "cohort",
        ),
        ("Pain in B", "Pain was common.", "Patients were randomly assigned to A or placebo.", None),
        (
            "Pain in B: a case report",
            "We report a woman.",
            "Patients were randomly assigned to A or placebo.",
            None,
        ),
        (
            "A for B: a post hoc analysis of a randomised trial",
            "Patients were randomised.",
            "Patients were randomly assigned to A or placebo.",
            "post_hoc_extension",
        ),
        (
            "A for B: a randomised controlled trial",
            "Patients were randomised to A or C.",
            "Patients were randomly assigned to A or C.",
            "randomised_trial",
        ),
    ],
)
def test_methods_alone_never_make_a_trial(
    title: str, abstract: str, methods: str, design: str | None
) -> None:
    made = drafted(title, abstract, METHODS.format(methods))
    fact = made.design  # type: ignore[attr-defined]
    assert (str(fact.value) if fact.value else None) == design
    if design is None:
        assert fact.missing == "unclear"
        assert "randomised_trial" in fact.note


def test_categories_groups_and_units_of_posted_results() -> None:
    measure = {
        "title": "Pain yes or no",
        "paramType": "COUNT_OF_PARTICIPANTS",
        "unitOfMeasure": "Participants",
        "groups": [{"id": "G1", "title": "Drug: 5 mg, daily"}],
        "denoms": [
            {"units": "Participants", "counts": [{"groupId": "G1", "value": "1,050"}]},
            {"units": "Eyes", "counts": [{"groupId": "G1", "value": "2100"}]},
        ],
        "classes": [
            {
                "categories": [
                    {"title": "Pain", "measurements": [{"groupId": "G1", "value": "20"}]},
                    {"title": "No pain", "measurements": [{"groupId": "G1", "value": "1030"}]},
                    {"title": "Pain, odd", "measurements": [{"groupId": "G1", "value": "1.2.3"}]},
                ]
            }
        ],
        "analyses": [
            {
                "paramType": "Mean Difference (Final Values)",
                "paramValue": "-1.5",
                "ciPctValue": "95",
                "ciLowerLimit": "-2",
                "ciUpperLimit": "-1",
                "pValue": "<0.001",
            }
        ],
    }
    study = read(
        json.dumps(
            {
                "protocolSection": {"identificationModule": {"nctId": "NCT99000009"}},
                "resultsSection": {"outcomeMeasuresModule": {"outcomeMeasures": [measure]}},
            }
        ).encode()
    )
    whole = text(study)
    found = [p.finding for p in registry_findings(study, words())]  # type: ignore[arg-type]
    for one in found:
        assert whole[one.start : one.start + len(one.quote)] == one.quote
    (count,) = [f for f in found if f.field == "prevalence"]
    assert (count.details["events"], count.details["total"]) == (20, 1050)
    assert count.details["group"] == "Drug: 5 mg, daily"
    assert [f.value for f in found if f.field == "effect"] == [-1.5]
