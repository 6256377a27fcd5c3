"""Check: every problem of every file in one run, one line each."""

from __future__ import annotations

from functools import partial

from review.checking.claims import check_claims, check_questions
from review.checking.decisions import overtaken, screening, strangers
from review.checking.editions import released, unsigned, vanished
from review.checking.extractions import not_included, origins, references
from review.checking.quotes import Texts, attested_otherwise, misquoted
from review.checking.reading import Files, read
from review.checking.records import miscounted, misnamed, unknown, unnamed
from review.extraction.attest import held_text
from review.files.store import Store
from review.grading.appraise import problems as appraisal_problems
from review.grading.review import Review, broken_references
from review.ground.errors import Problem
from review.model.base import NEWER
from review.synthesis.problems import problems as synthesis_problems


def check(store: Store, *, allow_suspended: bool = False) -> list[Problem]:
    """All problems of a review, in the order of its files.

    :param allow_suspended: leave out claims that rest on a retracted study: they show as
        suspended on every page and block the next edition, but must not hold the site back
    """
    return problems(read(store), partial(held_text, store), allow_suspended=allow_suspended)


def problems(files: Files, texts: Texts, *, allow_suspended: bool) -> list[Problem]:
    """All problems of what was read, in the order of its files."""
    if newer := [p for p in files.faults.get("protocol", ()) if p.sentence.endswith(NEWER)]:
        return newer  # every other file would say the same
    found = _of_each(files, texts)
    review, gone = files.review(), []
    if review is not None:  # told beside what else is wrong: neither may hide the other
        gone = [*not_included(review.library), *vanished(review), *unsigned(review)]
    if review is not None and not found:  # with a broken file it would only repeat itself
        found = _together(files, review, allow_suspended)
    return sorted({*found, *gone})


def _of_each(files: Files, texts: Texts) -> list[Problem]:
    """What is wrong with single files: unreadable, or at odds with records and people."""
    found = [
        fault
        for kind, faults in files.faults.items()
        if kind != "appraisals"  # told with what they are compared with
        for fault in faults
    ]
    protocol, records = files.protocol, files.records
    if protocol is None or records is None:
        return found
    found += misnamed(records, files.record_names)
    found += unnamed(protocol, records, files.searches, files.imports)
    found += unknown(files, records)
    found += miscounted(files.searches or (), files.imports or ())
    found += screening(protocol, records, files.decisions or {})
    found += strangers(protocol, {"screening": files.decisions or {}, "pairs": files.pairs or {}})
    if not found:
        found += overtaken(records, files.pairs or {}, files.searches or (), files.duplicates)
    extractions = files.extractions or {}
    found += references(records, extractions)
    found += misquoted(records, extractions, texts)
    found += origins(protocol, extractions)
    return found


def _together(files: Files, review: Review, allow_suspended: bool) -> list[Problem]:
    """What sound files say of one another; each step only where the steps before found nothing
    that it would say again.
    """
    found = list(files.faults.get("appraisals", ()))
    if broken := broken_references(review):
        return [*found, *broken]  # nothing can be graded
    found += check_questions(review)
    found += appraisal_problems(review, dict(files.appraisals or {}))
    if not found:
        found += synthesis_problems(review)
    if not found:
        found += check_claims(review, allow_suspended=allow_suspended)
        found += released(review)
        found += attested_otherwise(review)
    return found
