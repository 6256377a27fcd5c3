"""The first live run, rehearsed: the first review's own files in a temporary copy, against a world
that answers under its PMIDs with made-up abstracts, and with the real services' errors.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest

from review import cli
from review.files.store import Store
from review.model.record import Record
from review.offline.faults import Fault
from review.offline.redirect import redirected
from review.offline.server import Eutils, OfflineServer
from review.offline.world import Article, World
from review.status.paste import MOST, paste
from tests.conftest import HOME, shared

DAY = "2026-12-01"
KEY, ADDRESS = "0123456789abcdef0123456789abcdef0123", "person@example.org"
MADE_UP = "Made up for a rehearsal and no sentence of the article. Neuromyelitis optica, pain."


@dataclass
class Services(Eutils):
    """The services, with a raw body in place of a tool's answers."""

    instead: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def esearch(self, p: dict[str, str], action: str | None) -> tuple[int, str]:
        if "esearch" in self.instead:
            status, body = self.instead["esearch"]
            return status, body.decode()
        return super().esearch(p, action)

    def efetch(self, p: dict[str, str], action: str | None) -> tuple[int, bytes | str]:
        return self.instead.get("efetch") or super().efetch(p, action)


def citation(record: Record) -> bytes:
    """What PubMed might answer for a held record: its own facts, and an abstract made up here."""
    doi = f'<ELocationID EIdType="doi" ValidYN="Y">{escape(str(record.doi))}</ELocationID>'
    names = "".join(
        f"<Author><LastName>{escape(one.family)}</LastName></Author>"
        for one in record.authors
        if one.family
    )
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{record.pmid}</PMID><Article>'
        f"<Journal><JournalIssue><PubDate><Year>{record.year}</Year></PubDate></JournalIssue>"
        f"<Title>{escape(record.journal or '')}</Title></Journal>"
        f"<ArticleTitle>{escape(record.title)}</ArticleTitle>{doi if record.doi else ''}"
        f"<Abstract><AbstractText>{MADE_UP}</AbstractText></Abstract>"
        f"<AuthorList>{names}</AuthorList><Language>eng</Language></Article></MedlineCitation>"
        "</PubmedArticle>"
    ).encode()


def article(record: Record) -> Article:
    """An article of PubMed Central for a held record, made up but for its numbers."""
    numbers = "".join(
        f'<article-id pub-id-type="{kind}">{value}</article-id>'
        for kind, value in (("pmid", record.pmid), ("pmcid", record.pmcid), ("doi", record.doi))
        if value
    )
    return Article(
        record.pmid or "",
        f"<article><front><article-meta>{numbers}<title-group><article-title>"
        f"{escape(record.title)}</article-title></title-group><abstract><p>{MADE_UP}</p></abstract>"
        f"</article-meta></front><body><p>{MADE_UP}</p></body></article>".encode(),
    )


def registration(number: str) -> bytes:
    """A registry's record without results, made up but for its number."""
    return json.dumps(
        {"protocolSection": {"identificationModule": {"nctId": number}}, "hasResults": False}
    ).encode()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first review's files, as a person has them who has just cloned the repository."""
    monkeypatch.setenv("NCBI_EMAIL", ADDRESS)
    monkeypatch.setenv("NCBI_API_KEY", KEY)
    copy = tmp_path / "review"
    copy.mkdir()
    shutil.copy(HOME / "protocol.yaml", copy)
    shutil.copytree(HOME / "data", copy / "data", ignore=shutil.ignore_patterns("texts"))
    return copy


def services(root: Path, *beside: Path, strategy: str = "") -> Services:
    """The services as they may answer for the first review: every PMID that it holds.

    :param beside: files of real PubMed XML that are served too
    :param strategy: added to the copy's strategy
    """
    held = [one for one in Store(root).records().values() if one.pmid]
    assert len(held) > 20
    folder = root.parent / "world"
    folder.mkdir()
    bodies = b"".join(citation(one) for one in held)
    (folder / f"{DAY}.xml").write_bytes(b"<PubmedArticleSet>" + bodies + b"</PubmedArticleSet>")
    for path in beside:
        shutil.copy(path, folder / f"{DAY}-{path.name}")
    if strategy:
        protocol = (root / "protocol.yaml").read_text()
        line = '          "Neuromyelitis Optica"[mh] OR'
        assert protocol.count(line) == 1
        (root / "protocol.yaml").write_text(
            protocol.replace(line, f"          {strategy} OR\n{line}")
        )
    open_ones = {one.pmcid: article(one) for one in held if one.pmcid}
    assert len(open_ones) > 5
    numbers = {number for one in Store(root).records().values() for number in one.registrations}
    assert numbers
    return Services(
        World.folder(folder).as_of(DAY),
        fulltexts=open_ones,
        trials={number: registration(number) for number in numbers},
    )


PMIDS = "PubmedArticle/MedlineCitation/PMID"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type a command, and read what it prints: exit code, output, errors."""

    def typed(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main([*words, "--root", str(root)], today=DAY)
        printed = capsys.readouterr()
        for told in (printed.out, printed.err):
            assert KEY not in told
            assert ADDRESS not in told
        return code, printed.out, printed.err

    return typed


@contextmanager
def asked(service: Services) -> Iterator[None]:
    """Within this block every service is this one."""
    with OfflineServer(service) as server, redirected(server.port):
        yield


def findings(out: str) -> dict[str, dict[str, object]]:
    return {one["what"]: one for one in json.loads(out)}


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "texts" not in path.parts and path.name != ".review.lock"
    }


# ---- the four steps of docs/first-live-run.md ----------------------------------------------------


def test_the_four_commands_of_the_first_live_run_go_through_and_say_what_came(
    root: Path, run: Run
) -> None:
    service = services(root, shared("pubmed/curated/nmosd.xml"))
    with asked(service):
        code, out, _ = run("doctor", "--live", "--json")
        looked = findings(out)
        assert code == 0
        assert looked["PubMed (E-utilities)"]["ok"]
        assert looked["Europe PMC"]["ok"]
        converter = str(looked["PMC ID converter"]["detail"])
        assert f"{len(service.fulltexts)} PMC numbers" in converter
        assert "expected" not in converter
        calls = dict(service.calls)
        assert calls == {"esearch": 1, "idconv": 1, "fulltext": 1, "registry": 1}

        code, out, _ = run("update", "--no-publish", "--report")
        assert code == 10
        assert "pubmed: found " in out
        assert "FAILED" not in out
        came = [one for one in Store(root).records().values() if one.abstract_sha256]
        assert len(came) > 20, "abstracts of held records"

        code, out, _ = run("fulltext", "--report")
        assert code == 0
        assert "jats from Europe PMC: " in out

        code, out, _ = run("check", "--texts", "--report")
        assert "of them found" in out
        assert "text not held" in out


def test_a_report_holds_no_title_no_text_and_no_address(root: Path, run: Run) -> None:
    titles = [one.title for one in Store(root).records().values()]
    assert len(titles) > 20
    with asked(services(root, shared("pubmed/curated/nmosd.xml"))):
        reports = [
            run(*words, "--report")[1]
            for words in (("update", "--no-publish"), ("fulltext",), ("check", "--texts"))
        ]
    titles += [one.title for one in Store(root).records().values()]
    for report in reports:
        assert len(report.splitlines()) > 3
        assert not [title for title in titles if title and title[:30] in report]
        assert "Made up" not in report
        assert str(root) not in report
        assert "NCBI_API_KEY" in report, "that a key is set is told"


def test_a_report_stays_small(root: Path) -> None:
    problems = [{"path": f"data/{n}.yaml", "field": "a", "sentence": "s"} for n in range(500)]
    facts = {
        "problems": problems,
        "notes": [],
        "attested": [],
        "quotes_found": None,
        "quotes": {"text_held": 0, "text_not_held": 0},
    }
    report = paste("check", DAY, 40, facts)
    assert len(report) < MOST + 10
    assert "… and 460 more" in report


# ---- what may come instead -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("http_429", "HTTP 429"),
        ("http_500", "HTTP 500"),
        ("blocked", "HTTP 403|NCBI blocks"),
        ("reset", "the connection broke"),
        ("truncated", "the answer was cut"),
    ],
)
@pytest.mark.parametrize(
    ("tool", "service"),
    [
        ("esearch", "PubMed (E-utilities)"),
        ("idconv", "PMC ID converter"),
        ("fulltext", "Europe PMC"),
        ("registry", "ClinicalTrials.gov"),
    ],
)
def test_each_service_is_asked_once_and_a_failure_is_one_line(
    root: Path, run: Run, tool: str, service: str, action: str, words: str
) -> None:
    world = services(root)
    world.faults = (Fault(tool, 1, action, persistent=True),)
    with asked(world):
        code, out, _ = run("doctor", "--live", "--json")
    looked = findings(out)
    assert code == 2
    assert not looked[service]["ok"]
    assert re.search(words, str(looked[service]["detail"]))
    assert "\n" not in str(looked[service]["detail"])
    assert [one for one, seen in looked.items() if not seen["ok"] and seen["needed"]] == [service]
    assert set(world.calls.values()) == {1}


ERRORS = {
    "esearch_db_not_supported_200.xml": ("esearch", 200, "Database is not supported"),
    "esearch_backend_conn_200.xml": ("esearch", 200, "Search Backend failed"),
    "esearch_field_not_found_200.xml": ("esearch", 200, "field"),
    "prolog_only_200.xml": ("esearch", 200, ""),
    "route_error.txt": ("esearch", 200, ""),
    "blocked_diagnostic.html": ("esearch", 403, "NCBI blocks this address"),
    "www_error_500.html": ("efetch", 500, "HTTP 500"),
    "rate_limit_429.json": ("efetch", 429, "HTTP 429"),
    "efetch_empty_id_list_400.xml": ("efetch", 400, "400"),
}


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_a_real_error_of_pubmed_ends_the_update_red_in_one_line_and_writes_nothing(
    root: Path, run: Run, name: str
) -> None:
    tool, status, words = ERRORS[name]
    world = services(root)
    world.instead[tool] = (status, shared(f"pubmed/errors/{name}").read_bytes())
    before = files(root)
    with asked(world):
        code, out, _ = run("update", "--no-publish", "--report")
    failed = [line for line in out.splitlines() if "FAILED" in line]
    assert code == 30
    assert len(failed) == 1
    assert words in failed[0]
    assert files(root) == before


def test_odd_records_of_the_real_pubmed_do_not_stop_a_first_search(root: Path, run: Run) -> None:
    odd = shared("pubmed/curated/all.xml")
    pmids = [one.text for one in ElementTree.parse(odd).iterfind(PMIDS) if one.text]
    strategy = " OR ".join(f"{one}[uid]" for one in dict.fromkeys(pmids))
    with asked(services(root, odd, strategy=strategy)):
        code, out, _ = run("update", "--no-publish", "--report")
    assert code == 10
    assert "FAILED" not in out
    held = {one.pmid for one in Store(root).records().values()}
    assert len(pmids) > 100
    assert held >= set(pmids)


def test_the_article_of_another_paper_is_refused_and_listed(root: Path, run: Run) -> None:
    world = services(root)
    other, *_rest = sorted(world.fulltexts)
    body = shared("pubmed/jats/pone.0046493.nxml").read_bytes()
    world.fulltexts[other] = Article(world.fulltexts[other].pmid, body)
    with asked(world):
        code, out, _ = run("fulltext", "--report")
    refused = [line for line in out.splitlines() if other in line]
    assert code == 0
    assert len(refused) == 1
    assert "found the article" in refused[0]


def test_what_the_services_may_not_be_asked_at_once(run: Run) -> None:
    code, _, err = run("doctor", "--live", "--offline")
    assert code == 2
    assert "one of them" in err


def test_ncbi_is_not_asked_without_an_address(
    root: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NCBI_EMAIL")
    world = services(root)
    with asked(world):
        code, out, _ = run("doctor", "--live")
    assert code == 2
    assert "PubMed (E-utilities): not asked: it wants a contact e-mail" in out
    assert "esearch" not in world.calls
    assert world.calls["fulltext"] == 1
