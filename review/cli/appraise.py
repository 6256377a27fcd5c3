"""``review appraise``: write an empty appraisal form of a study, for a person to fill."""

from __future__ import annotations

import argparse

from review.cli.root import open_store
from review.cli.say import print_json, say
from review.cli.verb import Verb
from review.ground.errors import UsageError


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("appraise", "write an empty appraisal form of a study, for a person to fill")
    one.add_argument("study", metavar="STUDY", nargs="?")
    one.add_argument("--form", metavar="FORM", help="rob-2, robins-i, jbi-prevalence, …")


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    from review.grading.appraise import blank, forms

    if arguments.study is None or arguments.form is None:
        if arguments.json:
            print_json({name: form.model_dump(mode="json") for name, form in forms().items()})
        else:
            for name, form in forms().items():
                say(f"{name}: {form.name['en']}  {form.address}")
            say("review appraise STUDY --form FORM writes one to fill")
        return 0
    store = open_store(arguments)
    if arguments.study not in store.extractions():
        raise UsageError(f"{arguments.study}: no such study in data/extractions")
    text = blank(arguments.study, arguments.form)
    path = store.data / "appraisals" / f"{arguments.study}-{arguments.form}.yaml"
    if path.exists():
        raise UsageError(
            f"{store.name(path)}: already there; it belongs to the person who fills it"
        )
    with store.lock():
        store.write_if_changed(path, text.encode())
    if arguments.json:
        print_json({"written": store.name(path)})
    else:
        say(f"{store.name(path)}: fill it, then: review check")
    return 0
