"""Two sources over one review: what one of them says is never lost to, or taken for, the other's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from review.demo import DEMO
from review.files.store import Store
from review.files.texts import odd_name
from review.formats.entry import entry
from review.ground.errors import SourceError, UsageError
from review.model.protocol import Protocol, Source, Stated, StrategyLine
from review.model.record import Record, Volatile
from review.model.search import LineResult, SetAside
from review.searching.answers import Answers
from review.searching.imports import import_file
from review.searching.search import Held, Plan, plan
from review.searching.sources import Harvest, RecordKey, held_ids, held_keys

MONTHS = ("2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01")
TITLE = "Marbled cord syndrome treated in warm baths: a randomised trial of one hundred people"
ANOTHER = "Prevalence of silver gland disease among bakers, fishermen and shepherds"
DOI = "10.5555/marbled.2"
RETRACTION = {"type": "retraction_in", "pmid": "77", "reference": None}


def database(id_: str, kind: str) -> Source:
    return Source(
        id=id_,
        kind=kind,
        platform="a platform",
        strategy=(StrategyLine(line=1, query="pain"),),
        limits="none",
        schedule="monthly",
        interval_days=31,
        peer_review=Stated(reason="a test"),
    )


PUBMED, BATHS = database("pubmed", "pubmed"), database("baths", "thermae")


class Months:
    """The review over some months, each source asked in turn."""

    def __init__(self, protocol: Protocol, *records: Record, **more: Any) -> None:
        self.protocol = protocol.model_copy(update={"sources": (PUBMED, BATHS)})
        self.held = Held({one.id: one for one in records}, {}, (), **more)
        self.month = 0

    def run(self, source: Source, listed: tuple[str, ...], /, **answers: Any) -> Plan:
        """One source's run; an answer of None is missing."""
        name = "pubmed" if source is PUBMED else source.id

        def key(number: str) -> RecordKey:
            return RecordKey(name, number.removeprefix("_"))

        given = {key(one): fields for one, fields in answers.items()}
        harvest = Harvest(
            (LineResult(line=1, query="pain", sent="pain", count=len(listed)),),
            len(listed),
            tuple(map(key, listed)),
            {
                one: entry(name, **({"pmid": one.pmid} if one.pmid else {}) | fields)
                for one, fields in given.items()
                if fields is not None
            },
            tuple(one for one, fields in given.items() if fields is None),
        )
        made = plan(self.protocol, source, self.held, harvest, MONTHS[self.month])
        searches = (*self.held.searches, *([made.search] if made.search else []))
        self.held = Held(made.records, made.volatile, searches, self.held.imported)
        return made

    def next(self) -> None:
        self.month += 1

    def retracted(self, one: str) -> bool:
        return any(n.type in ("retraction_in", "retracted") for n in self.held.records[one].notices)


@pytest.fixture
def months(store: Store) -> Months:
    return Months(store.protocol)


def paper(title: str = TITLE, **fields: Any) -> dict[str, Any]:
    return {"title": title, "year": 2026, **fields}


def told(made: Plan) -> list[tuple[str, str]]:
    return [(one.record, str(one.type)) for one in made.notices]


# ---- notices ------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["down", "not listed", "listed without it"])
def test_a_notice_that_another_source_gave_outlives_pubmeds_next_answers(
    months: Months, then: str
) -> None:
    months.run(PUBMED, ("_9",), _9=paper())
    made = months.run(BATHS, ("A1",), A1=paper(pmid="9", notices=[RETRACTION]))
    assert told(made) == [("pmid-9", "retraction_in")]
    for _ in range(2):
        months.next()
        made = months.run(PUBMED, ("_9",), _9=paper(journal="Another name of it"))
        assert told(made) == [], "it was told"
        assert months.held.records["pmid-9"].journal == "Another name of it"
        assert months.retracted("pmid-9")
        if then == "not listed":
            months.run(BATHS, ("B1",), B1=paper(ANOTHER))
        elif then == "listed without it":
            months.run(BATHS, ("A1",), A1=paper(pmid="9"))
        assert months.retracted("pmid-9")


def test_what_pubmed_alone_said_pubmed_takes_back(months: Months) -> None:
    months.run(PUBMED, ("_9",), _9=paper(notices=[RETRACTION]))
    months.run(BATHS, ("A1",), A1=paper(pmid="9"))
    months.next()
    months.run(PUBMED, ("_9",), _9=paper())
    assert not months.retracted("pmid-9")


def test_a_notice_that_pubmed_takes_back_and_another_upholds_is_told_and_stays(
    months: Months,
) -> None:
    months.run(PUBMED, ("_9",), _9=paper(notices=[RETRACTION]))
    assert told(months.run(BATHS, ("A1",), A1=paper(pmid="9", notices=[RETRACTION]))) == []
    months.next()
    months.run(PUBMED, ("_9",), _9=paper())
    made = months.run(BATHS, ("A1",), A1=paper(pmid="9", notices=[RETRACTION]))
    assert told(made) == [("pmid-9", "retraction_in")]
    months.next()
    months.run(PUBMED, ("_9",), _9=paper())
    assert months.retracted("pmid-9")


def test_a_link_that_makes_a_record_a_notice_outlives_pubmeds_answer_too(months: Months) -> None:
    notice = "A word on baths, by the editors of this journal"
    link = {"type": "retraction_of", "pmid": "9", "reference": None}
    months.run(PUBMED, ("_9", "_8"), _9=paper(), _8=paper(notice))
    made = months.run(BATHS, ("N1",), N1=paper(notice, pmid="8", notices=[link]))
    assert told(made) == [("pmid-9", "retraction_in")]
    months.next()
    months.run(PUBMED, ("_9", "_8"), _9=paper(), _8=paper(notice))
    assert months.held.records["pmid-8"].is_notice


def test_a_notice_of_a_record_without_a_pmid_is_named_by_it(months: Months) -> None:
    """As everywhere else it is: told once, not once under each name."""
    link = {"type": "retraction_of", "pmid": "9", "reference": None}
    months.run(PUBMED, ("_9",), _9=paper())
    (event,) = months.run(BATHS, ("N1",), N1=paper(ANOTHER, notices=[link])).notices
    assert (event.record, event.pmid) == ("pmid-9", None)
    assert event.reference in months.held.records


def test_a_mark_in_the_title_of_another_sources_copy_is_told(months: Months) -> None:
    months.run(PUBMED, ("_9",), _9=paper())
    made = months.run(BATHS, ("A1",), A1=paper(f"RETRACTED: {TITLE}", pmid="9"))
    assert told(made) == [("pmid-9", "possible_retraction")]


# ---- identifiers that two papers claim ----------------------------------------------------------


def test_another_paper_under_a_held_doi_is_a_record_of_its_own_and_told(months: Months) -> None:
    months.run(BATHS, ("A1",), A1=paper(doi=DOI))
    (first,) = months.held.records
    months.next()
    made = months.run(BATHS, ("A1", "A2"), A1=paper(doi=DOI), A2=paper(ANOTHER, doi=DOI))
    (second,) = made.new
    assert second.startswith("src-")
    assert [months.held.records[one].title for one in (first, second)] == [TITLE, ANOTHER]
    (sentence,) = made.conflicts
    assert "baths A2: its DOI is that of" in sentence
    assert ANOTHER in sentence
    months.next()
    made = months.run(BATHS, ("A1", "A2"), A1=paper(doi=DOI), A2=paper(ANOTHER, doi=DOI))
    assert (made.new, made.conflicts, made.changed) == ((), (), ())


def test_another_paper_under_a_held_pmid_is_set_aside(months: Months) -> None:
    months.run(PUBMED, ("_9",), _9=paper())
    made = months.run(BATHS, ("A1",), A1=paper(ANOTHER, pmid="9", notices=[RETRACTION]))
    assert made.odd == {
        RecordKey("baths", "A1"): (
            f"PMID 9 is that of pmid-9, held as {TITLE[:80]!r}, found {ANOTHER!r}"
        )
    }
    assert (made.new, made.notices, made.changed) == ((), (), ())


def test_the_same_paper_under_a_held_pmid_is_known(months: Months) -> None:
    months.run(PUBMED, ("_9",), _9=paper())
    made = months.run(BATHS, ("A1",), A1=paper(TITLE.upper(), pmid="9"))
    assert (made.new, made.candidates, made.odd) == (("pmid-9",), (), {})


def test_the_same_paper_under_another_id_with_that_pmid_is_known(months: Months) -> None:
    months.run(BATHS, ("A1",), A1=paper())
    (own,) = months.held.records
    months.run(BATHS, ("A1",), A1=paper(pmid="9"))
    made = months.run(BATHS, ("A1", "A2"), A1=paper(pmid="9"), A2=paper(pmid="9"))
    assert set(months.held.records) == {own}, "no second record of one PMID"
    assert made.fetched == 2


@pytest.mark.parametrize(("title", "conflicts"), [(TITLE, 0), (ANOTHER, 1)])
def test_a_pmid_that_another_record_has_is_not_given_to_a_second(
    months: Months, title: str, conflicts: int
) -> None:
    months.run(PUBMED, ("_9",), _9=paper())
    months.run(BATHS, ("A1",), A1=paper(title))
    (own,) = set(months.held.records) - {"pmid-9"}
    months.next()
    made = months.run(BATHS, ("A1",), A1=paper(title, pmid="9", journal="Baths"))
    assert months.held.records[own].pmid is None
    assert months.held.records[own].journal == "Baths"
    assert len(made.conflicts) == conflicts
    months.next()
    months.run(PUBMED, ("_9",), _9=paper(journal="PubMed's"))
    assert months.held.records["pmid-9"].journal == "PubMed's"
    assert months.held.records[own].title == title


def test_pubmed_does_not_write_over_another_sources_record_of_a_mistyped_pmid(
    months: Months,
) -> None:
    months.run(BATHS, ("A1",), A1=paper(pmid="9"))
    months.next()
    made = months.run(PUBMED, ("_9",), _9=paper(ANOTHER))
    assert "PMID 9 is that of pmid-9" in made.odd[RecordKey("pubmed", "9")]
    assert made.newly_odd == ("pmid-9",)
    assert months.held.records["pmid-9"].title == TITLE


def test_many_pmids_that_another_source_mistyped_do_not_fail_pubmed(months: Months) -> None:
    pmids = ("6", "7", "8", "9")
    given = {f"A{n}": paper(f"{TITLE}, part {n}", pmid=n) for n in pmids}
    months.run(BATHS, tuple(given), **given)
    months.next()
    answers = {f"_{n}": paper(ANOTHER) for n in pmids}
    made = months.run(PUBMED, tuple(answers), **answers)
    assert len(made.odd) == len(pmids)
    with pytest.raises(SourceError, match="4 records can't be taken"):
        months.run(BATHS, tuple(given), **{one: paper(year=99_999) for one in given})


def test_pubmed_keeps_another_sources_record_once_it_delivered_it(months: Months) -> None:
    months.run(BATHS, ("A1",), A1=paper(pmid="9", status="of the baths"))
    for title in (TITLE, ANOTHER):
        months.next()
        made = months.run(PUBMED, (), _9=paper(title, status="MEDLINE"))
        assert made.odd == {}
        assert months.held.records["pmid-9"].title == title


def test_of_two_records_of_one_pmid_the_one_that_is_named_so_is_kept_and_both_are_told(
    store: Store,
) -> None:
    named = Record(format=1, id="pmid-9", source="pubmed", pmid="9", title=TITLE)
    other = Record(format=1, id="src-0123456789", source="old", pmid="9", title=ANOTHER)
    for records in ((named, other), (other, named)):
        assert held_ids(records, PUBMED) == {RecordKey("pubmed", "9"): (named.id, other.id)}
        months = Months(store.protocol, *records)
        made = months.run(PUBMED, ("_9",), _9=paper(journal="PubMed's"))
        assert made.changed == (named.id,)
        (sentence,) = made.conflicts
        assert f"PMID 9: is the number of {named.id} and {other.id}" in sentence


# ---- whose number it is -------------------------------------------------------------------------


def test_a_source_is_asked_by_its_id_and_never_by_its_kind(months: Months) -> None:
    months.run(BATHS, ("A1",), A1=paper())
    (own,) = months.held.records
    records = months.held.records.values()
    assert held_keys(records, BATHS) == {RecordKey("baths", "A1"): own}
    assert held_keys(records, database("springs", "thermae")) == {}
    assert held_keys(records, database("thermae", "baths")) == {}
    months.next()
    made = months.run(BATHS, ("B1",), A1=None, B1=paper(ANOTHER))
    assert made.withdrawn == (own,)


def test_what_an_import_brought_is_not_asked_for_at_a_source_of_its_name(store: Store) -> None:
    brought = [
        Record(format=1, id=f"src-000000000{n}", source=name, accession=f"{n}fa9", title=TITLE)
        for n, name in enumerate(("baths", "pubmed"))
    ]
    ids = frozenset(one.id for one in brought)
    assert held_keys(brought, PUBMED, ids) == held_keys(brought, PUBMED) == {}
    assert held_keys(brought, BATHS, ids) == {}
    months = Months(store.protocol, *brought, imported=ids)
    assert months.run(BATHS, ("A1",), A1=paper(ANOTHER)).held == 0


@pytest.mark.parametrize("name", ["baths", "thermae", "pubmed", "seed"])
def test_no_import_is_called_like_a_source(root: Path, name: str) -> None:
    text = (root / "protocol.yaml").read_text(encoding="utf-8")
    source = "\n  - id: pubmed\n    kind: pubmed\n"
    assert text.count(source) == 1
    text = text.replace(source, "\n  - id: baths\n    kind: thermae\n")
    (root / "protocol.yaml").write_text(text, encoding="utf-8")
    told = f"--source {name}: .*, expected another name"
    with pytest.raises(UsageError, match=told) as error:
        import_file(Store(root), root / "x.ris", source=name, platform="p", searched="2026-01-01")
    assert "\n" not in str(error.value)


# ---- what can't be believed ---------------------------------------------------------------------


def harvest(**change: Any) -> Harvest:
    key = RecordKey("baths", "A1")
    known: dict[str, Any] = {
        "lines": (LineResult(line=1, query="pain", sent="pain", count=1),),
        "count": 1,
        "listed": (key,),
        "records": {key: entry("baths", title=TITLE)},
        "missing": (),
    }
    return Harvest(**known | change)


def named(accession: Any, source: str = "baths") -> Harvest:
    key = RecordKey(source, accession)
    return harvest(listed=(key,), records={key: entry("baths", title=TITLE)})


A1 = RecordKey("baths", "A1")
UNBELIEVABLE: dict[str, Any] = {
    "a record's number has 0 characters": named(""),
    "a record's number has 2 characters": named(" \n"),
    "a record's number has 70,000 characters": named("x" * 70_000),
    "a record's number is no text": named("a\ud800b"),
    "a record is named by RecordKey": named(7),
    "a record is named by str": harvest(listed=("A1",)),
    "a record is named by a number of 'thermae'": named("A1", "thermae"),
    "found 'A1', expected a PMID": named("A1", "pubmed"),
    "PMID 9 is answered with another PMID, None": named("9", "pubmed"),
    "2 hits counted, 2 listed, 1 of them once": harvest(count=2, listed=(A1, A1)),
    "2 hits counted, 1 listed": harvest(count=2),
    "baths A1 is neither delivered nor missing": harvest(records={}),
    "baths A1 is delivered and not": harvest(missing=(A1,)),
    "no results of the strategy's lines": harvest(lines=()),
    "found NoneType, expected a Harvest": None,
    "its module failed: AttributeError": harvest(records=[A1]),
    "parameters.a: Input should be a valid string": harvest(parameters={"a": 1}),
}


@pytest.mark.parametrize("sentence", UNBELIEVABLE)
def test_a_harvest_that_can_not_be_believed_fails_its_source(months: Months, sentence: str) -> None:
    with pytest.raises(SourceError) as error:
        plan(months.protocol, BATHS, months.held, UNBELIEVABLE[sentence], MONTHS[0])
    assert str(error.value).startswith(f"baths: {sentence}")
    assert len(str(error.value).splitlines()) == 1


def test_the_harvest_that_the_unbelievable_ones_were_made_of_is_believed(months: Months) -> None:
    made = plan(months.protocol, BATHS, months.held, harvest(), MONTHS[0])
    assert len(made.new) == made.fetched == 1


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"notices": [{"type": "no such type", "pmid": None, "reference": None}]}, "no such type"),
        ({"abstract": "half a character \ud800"}, "surrogates not allowed"),
        ({"notices": 7}, "notices"),
        ({"authors": "one text"}, "authors"),
        ({"mesh": None, "language": 3}, "language"),
    ],
)
def test_an_answer_that_is_no_record_is_set_aside(
    months: Months, odd: dict[str, Any], why: str
) -> None:
    made = months.run(BATHS, ("A1", "A2"), A1=paper(), A2=paper(ANOTHER, **odd))
    assert why in made.odd[RecordKey("baths", "A2")]
    assert len(made.new) == 1


@pytest.mark.parametrize("wrong", [{"notices": 7}, {"notices": None}, {"year": "no year"}])
def test_a_held_record_stays_where_its_answer_is_no_record(
    months: Months, wrong: dict[str, Any]
) -> None:
    months.run(BATHS, ("A1",), A1=paper())
    before = dict(months.held.records)
    months.next()
    given = harvest(records={A1: {**entry("baths", title=TITLE), **wrong}})
    made = plan(months.protocol, BATHS, months.held, given, MONTHS[1])
    assert (dict(made.records), list(made.odd)) == (before, [A1])


def test_the_notices_of_an_odd_answer_are_told_as_far_as_they_can_be_read(months: Months) -> None:
    months.run(BATHS, ("A1",), A1=paper())
    (own,) = months.held.records
    months.next()
    unread = {"type": "no such type", "pmid": None, "reference": None}
    made = months.run(BATHS, ("A1",), A1=paper(notices=[unread, RETRACTION]))
    assert told(made) == [(own, "retraction_in")]
    assert list(made.odd) == [RecordKey("baths", "A1")]


# ---- who delivered what -------------------------------------------------------------------------


def test_a_mistyped_pmid_of_another_source_is_unknown_to_pubmed_and_never_withdrawn(
    months: Months,
) -> None:
    months.run(BATHS, ("A1",), A1=paper(pmid="9"))
    months.next()
    made = months.run(PUBMED, (), _9=None)
    assert (made.unknown, made.withdrawn) == (("pmid-9",), ())
    assert months.held.records["pmid-9"].vanished is None


@pytest.mark.parametrize(("listed", "status"), [(("_9",), None), ((), "MEDLINE")])
def test_what_pubmed_delivered_once_it_can_withdraw_whoever_gave_it_first(
    months: Months, listed: tuple[str, ...], status: str | None
) -> None:
    months.run(BATHS, ("A1",), A1=paper(pmid="9"))
    months.run(PUBMED, (*listed, "_8"), _9=paper(status=status), _8=paper(ANOTHER))
    months.next()
    made = months.run(PUBMED, ("_8",), _9=None, _8=paper(ANOTHER))
    assert (made.unknown, made.withdrawn) == ((), ("pmid-9",))


def test_the_status_of_another_source_is_none_of_pubmeds(months: Months) -> None:
    months.run(BATHS, ("A1",), A1=paper(status="x", entered="2026-01-01", mesh=["Baths"]))
    (known,) = months.held.volatile.values()
    assert known == Volatile(mesh=("Baths",))


# ---- shown, and named on disk -------------------------------------------------------------------


def test_a_number_that_is_shown_can_not_end_its_line() -> None:
    evil = "a\n# Forged\x1b[2J\u202e"
    for shown in (str(SetAside(accession=evil, why="odd")), str(RecordKey("baths", evil))):
        assert shown.isprintable()
        assert "a # Forged" in shown


def test_no_two_numbers_of_two_sources_are_one_file() -> None:
    wanted = [
        ("cnki", "zh-1"),
        ("cnki-zh", "1"),
        ("x", "A1"),
        ("x", "a1"),
        ("x", "../1"),
        ("x", "1"),
        ("x-1", "1"),
        ("x", "1-1"),
    ]
    names = [odd_name(*one).casefold() for one in wanted]
    assert len(set(names)) == len(wanted)
    assert odd_name("pubmed", "900000014") == "pubmed-900000014.xml"
    assert not any("/" in one for one in names)


class Counted(tuple[Any, ...]):
    """A tuple that knows how often it was gone through."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        Counted.times += 1
        return super().__iter__()


@pytest.mark.parametrize("missing", [1, 200])
def test_what_is_listed_is_not_gone_through_for_each_that_is_missing(
    months: Months, missing: int
) -> None:
    keys = tuple(RecordKey("baths", f"A{n}") for n in range(missing))
    Counted.times = 0
    given = harvest(count=missing, listed=Counted(keys), records={}, missing=keys)
    assert len(plan(months.protocol, BATHS, months.held, given, MONTHS[0]).missing) == missing
    assert 0 < Counted.times < 20


def test_of_two_records_of_one_pmid_the_one_that_is_named_by_it_is_meant() -> None:
    own = next(one for one in Store(DEMO).records().values() if one.id == f"pmid-{one.pmid}")
    other = own.model_copy(update={"id": "src-0123456789"})
    for both in ((own, other), (other, own)):
        held = SimpleNamespace(records={one.id: one for one in both})
        assert Answers._by_pmid.func(held) == {own.pmid: own.id}  # type: ignore[arg-type]
