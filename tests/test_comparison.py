"""What a harvest changes: one set a test; and a second source from its search to the page."""

from __future__ import annotations

import dataclasses
from importlib import metadata
from importlib.metadata import EntryPoint

import pytest

from review.files.store import Store
from review.ground.errors import SourceError, UsageError
from review.model.history import History
from review.model.protocol import Source, Stated, StrategyLine
from review.model.record import Notice, NoticeType, Record
from review.model.search import LineResult
from review.searching.comparison import Comparison
from review.searching.search import Held, _refuse_many_odd, plan
from review.searching.sources import Harvest, RecordKey, held_keys, keys_of, source_module

DAY = "2026-10-01"


def key(number: int) -> RecordKey:
    return RecordKey("pubmed", str(number))


def name(number: int) -> str:
    return f"pmid-{number}"


def record(number: int, **more: object) -> Record:
    known = {"format": 1, "source": "pubmed", "title": f"Report {number}", "pmid": str(number)}
    return Record(id=name(number), **{**known, **more})  # type: ignore[arg-type]


def compared(
    listed: tuple[int, ...] = (),
    held: tuple[int, ...] = (),
    missing: tuple[int, ...] = (),
    *,
    last: tuple[int, ...] = (),
    ever: tuple[int, ...] = (),
    elsewhere: tuple[int, ...] = (),
    before: tuple[Record, ...] = (),
    after: tuple[Record, ...] = (),
    told: tuple[tuple[str, str], ...] = (),
    vanished: tuple[int, ...] = (),
    told_today: tuple[int, ...] = (),
) -> Comparison:
    """A run that lists, and is asked again for what is held; all but the missing came."""
    came = [one for one in dict.fromkeys((*listed, *held)) if one not in missing]
    known = frozenset(map(name, (*ever, *last)))
    old = {one.id: one for one in (*map(record, held), *before)}
    new = {name(one): record(one) for one in came}
    return Comparison(
        harvest=Harvest((), len(listed), tuple(map(key, listed)), {}, tuple(map(key, missing))),
        before=old,
        after={**old, **new, **{one.id: one for one in after}},
        taken={key(one): name(one) for one in came},
        held={key(one): name(one) for one in held},
        source=History(
            frozenset(map(name, last)), known, {}, frozenset(), frozenset(map(name, vanished))
        ),
        searches=History(ever=known | frozenset(map(name, elsewhere)), notices=frozenset(told)),
        told_today=frozenset(map(name, told_today)),
        day=DAY,
    )


def names(*numbers: int) -> set[str]:
    return set(map(name, numbers))


def test_a_hit_was_listed_and_delivered() -> None:
    assert compared(listed=(1, 2, 3), missing=(3,), held=(9,)).hits == names(1, 2)


def test_listed_is_what_the_source_named_delivered_or_not() -> None:
    assert compared(listed=(1, 2), missing=(2,), held=(2,)).listed == names(1, 2)


def test_a_candidate_is_a_hit_of_no_earlier_search_of_the_source() -> None:
    assert compared(listed=(1, 2, 3), last=(1,), ever=(2,)).candidates == names(3)


def test_what_another_source_found_is_not_told_again() -> None:
    run = compared(listed=(1, 2), elsewhere=(1,))
    assert (run.candidates, run.first_found) == (names(1, 2), names(2))


def test_a_hit_of_the_last_search_that_is_none_now_has_lapsed() -> None:
    assert compared(listed=(1,), last=(1, 2), held=(1, 2)).lapsed == names(2)


def test_a_hit_that_is_listed_and_late_has_not_lapsed() -> None:
    assert compared(listed=(1, 2), missing=(2,), last=(1, 2), held=(1, 2)).lapsed == set()


def test_a_hit_that_was_gone_from_the_last_search_has_returned() -> None:
    assert compared(listed=(1, 2, 3), last=(1,), ever=(2,)).returned == names(2)


def test_a_held_record_that_does_not_come_is_withdrawn() -> None:
    run = compared(held=(1, 2), missing=(2,))
    assert (run.absent, run.withdrawn) == ((name(2),), names(2))


def test_a_withdrawal_is_told_once() -> None:
    assert compared(held=(2,), missing=(2,), told_today=(2,)).withdrawn == set()
    noted = record(2, vanished="2026-09-01")
    run = dataclasses.replace(compared(held=(2,), missing=(2,)), before={noted.id: noted})
    assert (run.absent, run.withdrawn) == ((name(2),), set())


def test_a_record_that_no_source_ever_delivered_is_unknown_and_told_once() -> None:
    seed = record(2, source="seed")
    run = compared(missing=(2,), held=(2,), before=(seed,))
    assert (run.unknown, run.absent) == (names(2), ())
    assert (
        dataclasses.replace(
            run, source=dataclasses.replace(run.source, vanished=frozenset(names(2)))
        ).unknown
        == set()
    )


RETRACTED = record(1, notices=(Notice(type=NoticeType.RETRACTION_IN, pmid="9"),))
NOTICE = record(9, notices=(Notice(type=NoticeType.RETRACTION_OF, pmid="1"),))


def test_a_notice_is_told_of_the_record_that_bears_it() -> None:
    (event,) = compared(listed=(1,), after=(RETRACTED,)).notices((name(1),))
    assert (event.record, event.type, event.pmid) == (name(1), NoticeType.RETRACTION_IN, "9")


def test_a_notice_counts_before_its_mark_stands_on_the_report() -> None:
    (event,) = compared(listed=(1, 9), after=(NOTICE,)).notices((name(9),))
    assert (event.record, event.type, event.pmid) == (name(1), NoticeType.RETRACTION_IN, "9")


def test_a_notice_that_any_search_told_is_not_told_again() -> None:
    (event,) = compared(listed=(1,), after=(RETRACTED,)).notices((name(1),))
    assert compared(listed=(1,), after=(RETRACTED,), told=(event.key,)).notices((name(1),)) == ()


# ---- keys ----------------------------------------------------------------------------------------


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


def test_pubmed_is_asked_again_for_every_record_with_a_pmid() -> None:
    other = record(3, source="embase", accession="L1")
    foreign = Record(
        format=1, id="src-0123456789", source="embase", accession="L2", title="Another"
    )
    assert held_keys([record(1), other, foreign], database("medline", "pubmed")) == {
        key(1): name(1),
        key(3): name(3),
    }
    assert keys_of(foreign) == (RecordKey("embase", "L2"),)


@pytest.mark.parametrize(("has_pmid", "asked"), [(False, True), (True, False)])
def test_another_source_keeps_its_own_records_and_leaves_those_with_a_pmid_to_pubmed(
    has_pmid: bool, asked: bool
) -> None:
    given = {"pmid": "7"} if has_pmid else {}
    one = Record(format=1, id="src-0123456789", source="toy", accession="T/1", title="One", **given)
    assert bool(held_keys([one], database("toy", "toy"))) is asked


@pytest.mark.parametrize(
    ("listed", "odd", "refused"),
    [(0, 2, False), (0, 3, True), (100, 2, False), (100, 3, True), (200, 4, False), (200, 5, True)],
)
def test_two_odd_records_are_set_aside_or_two_of_a_hundred(
    listed: int, odd: int, refused: bool
) -> None:
    harvest = Harvest((), listed, tuple(map(key, range(1, listed + 1))), {}, ())
    strange = {key(n): "title: too long" for n in range(1, odd + 1)}
    if refused:
        with pytest.raises(SourceError, match=f"{odd} records can't be taken, expected one or two"):
            _refuse_many_odd(database("pubmed", "pubmed"), strange, harvest)
    else:
        _refuse_many_odd(database("pubmed", "pubmed"), strange, harvest)


def test_a_kind_of_source_is_a_module_here_or_an_entry_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An entry point of another kind is none of this one, and one that is no module is none."""
    given = {"weather": "review.model.history", "stars": "review.model.history:History"}
    points = [EntryPoint(kind, place, "review.sources") for kind, place in given.items()]
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    assert source_module("pubmed").KIND == "pubmed"
    assert vars(source_module("weather"))["History"] is History
    for kind in ("stars", "moon", "pubmed_query", "a b", ".pubmed"):
        with pytest.raises(UsageError, match=f"no module .* for kind {kind}"):
            source_module(kind)


def test_a_listed_record_that_is_not_delivered_is_missing_and_a_held_one_is_not(
    store: Store,
) -> None:
    """What was listed counts; what was only asked for again may be gone from the platform."""
    old, new = record(1), key(2)
    held = Held({old.id: old}, {}, ())
    line = LineResult(line=1, query="pain", sent="pain", count=1)
    harvest = Harvest((line,), 1, (new,), {}, (new, key(1)))
    source = store.protocol.sources[0]
    made = plan(store.protocol, source, held, harvest, DAY)
    assert made.missing == (new,)
    assert (made.withdrawn, made.unknown) == ((old.id,), ())
