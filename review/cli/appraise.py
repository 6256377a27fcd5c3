"""``review appraise``: write an empty appraisal form of a study, for a person to fill."""

from __future__ import annotations

from dataclasses import dataclass

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    study: str | None
    form: str | None


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("appraise", "write an empty appraisal form of a study, for a person to fill")
    one.add_argument("study", metavar="STUDY", nargs="?")
    one.add_argument("--form", metavar="FORM", help="rob-2, robins-i, jbi-prevalence, …")


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.files.lock import A_WHILE
    from review.grading.appraise import blank

    if options.study is None or options.form is None:
        return _known_forms()
    store = open_store(options.root)
    if options.study not in store.extractions():
        raise UsageError(f"{options.study}: no such study in data/extractions")
    text = blank(options.study, options.form)
    path = store.data / "appraisals" / f"{options.study}-{options.form}.yaml"
    name = store.name(path)
    with store.lock(A_WHILE):
        if path.exists():
            raise UsageError(f"{name}: already there; it belongs to the person who fills it")
        store.write_if_changed(path, text.encode())
    return Answer({"written": name}, [f"{name}: fill it, then: review check"])


def _known_forms() -> Answer:
    from review.grading.appraise import forms

    known = forms()
    return Answer(
        {name: form.model_dump(mode="json") for name, form in known.items()},
        [
            *(f"{name}: {form.name['en']}  {form.address}" for name, form in known.items()),
            "review appraise STUDY --form FORM writes one to fill",
        ],
    )
