"""Appraisal forms as files for a person to fill: domains, judgement, support; never filled here."""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cache

from review.grading.review import Review
from review.ground.errors import Problem, UsageError
from review.ground.resources import resource_bytes
from review.ground.yaml import parse
from review.model.appraisal import Appraisal, Form, Forms
from review.model.base import load


@cache
def forms() -> dict[str, Form]:
    """The forms this program knows, by id."""
    name = "review/grading/appraisal_forms.yaml"
    return load(Forms, parse(resource_bytes(name), name), name).forms


def blank(study: str, form: str) -> str:
    """The file of an empty form.

    :raises UsageError: for a form nobody knows
    """
    known = forms().get(form)
    if known is None:
        raise UsageError(f"--form {form}: expected one of {', '.join(forms())}")
    rows = "".join(
        f'  - domain: "{one}"\n    judgement: null\n    support: null\n    locator: null\n'
        for one in known.domains
    )
    return (
        "# yaml-language-server: $schema=../../docs/schema/appraisal.json\n"
        f"# {known.name['en']}: read its wording at {known.address}\n"
        f"# A judgement is one of: {', '.join(known.judgements)}.\n"
        "# Each needs words of the source as support, or a note.\n"
        "format: 1\n"
        f"study: {study}\n"
        f"form: {form}\n"
        f'official_form: "{known.address}"\n'
        f"domains:\n{rows}"
        "overall: null\n"
        "by: null\n"
    )


def problems(
    review: Review, appraisals: Mapping[str, Appraisal], studies: Container[str]
) -> list[Problem]:
    """Appraisals against the forms, the studies and the protocol's people.

    :param studies: ids of all studies that have a file
    """
    found = []
    people = {person.id for person in review.library.protocol.people}
    for name, one in appraisals.items():
        path = f"data/appraisals/{name}.yaml"
        form = forms().get(one.form)
        if form is None:
            sentence = f"found {one.form}, expected one of {', '.join(forms())}"
            found.append(Problem(path, 0, "form", sentence))
            continue
        if name != f"{one.study}-{one.form}":
            found.append(Problem(path, 0, "", f"expected the name {one.study}-{one.form}.yaml"))
        if one.study not in studies:
            sentence = f"found {one.study}, expected a study in data/extractions"
            found.append(Problem(path, 0, "study", sentence))
        if one.by is not None and one.by not in people:
            found.append(
                Problem(path, 0, "by", f"found {one.by}, expected a person of protocol.yaml")
            )
        if tuple(d.domain for d in one.domains) != form.domains:
            found.append(Problem(path, 0, "domains", "expected the form's domains in its order"))
        said = [(f"domains.{d.domain}", d.judgement) for d in one.domains]
        for where, judgement in (*said, ("overall", one.overall)):
            if judgement is not None and where != "overall" and judgement not in form.judgements:
                sentence = f"found {judgement}, expected one of {', '.join(form.judgements)}"
                found.append(Problem(path, 0, where, sentence))
    return found
