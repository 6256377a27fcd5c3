"""The reference page of all data files, and the JSON Schemas for editors, made from the models.

``python -m review.files.reference`` writes ``docs/data.md`` and ``docs/schema/``; a test compares.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from review.ground.resources import resource
from review.model.appraisal import Appraisal
from review.model.claim import Claim
from review.model.duplicates import Duplicates, PairDecision
from review.model.edition import Corrections, Edition
from review.model.extraction import Extraction
from review.model.fulltext import HeldText
from review.model.importing import Import
from review.model.notice import NoticeDecision
from review.model.protocol import Protocol
from review.model.question import Question
from review.model.record import Record, VolatileFile
from review.model.screening import Decision, PreviousStudies
from review.model.search import Search
from review.model.seed import Seed
from review.model.signature import Attestation, Signature
from review.model.vocabulary import Vocabulary

FILES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("protocol.yaml", "people", Protocol),
    ("data/questions/<question>.yaml", "people", Question),
    ("data/claims/<claim>.yaml", "people", Claim),
    ("data/extractions/<study>.yaml", "people; the tool drafts it once", Extraction),
    ("data/appraisals/<study>-<form>.yaml", "people; the tool writes it empty", Appraisal),
    ("data/texts/full/<record>.<kind>.about.json", "the tool (git-ignored)", HeldText),
    ("data/previous.yaml", "people", PreviousStudies),
    ("data/vocabulary/<name>.yaml", "people", Vocabulary),
    ("data/seed.yaml", "people", Seed),
    ("data/corrections.yaml", "people", Corrections),
    ("data/signatures/<person>.csv", "that person, append-only", Signature),
    ("data/screening/<reviewer>.csv", "that reviewer, append-only", Decision),
    ("data/notices/<person>.csv", "that person, append-only", NoticeDecision),
    ("data/pairs/<reviewer>.csv", "that reviewer, append-only", PairDecision),
    ("data/records/<year>/<id>.json", "the tool", Record),
    ("data/volatile.json", "the tool", VolatileFile),
    ("data/searches/<date>-<source>-<run>.json", "the tool, never rewritten", Search),
    ("data/imports/<source>/<date>-<run>.json", "the tool, never rewritten", Import),
    ("data/duplicates.json", "the tool", Duplicates),
    ("data/attestations/<study>.json", "the tool, where the texts are held", Attestation),
    ("data/editions/<version>.json", "the tool, never rewritten", Edition),
)
SCHEMAS: dict[str, type[BaseModel]] = {
    "protocol": Protocol,
    "question": Question,
    "claim": Claim,
    "seed": Seed,
    "corrections": Corrections,
    "extraction": Extraction,
    "appraisal": Appraisal,
    "previous": PreviousStudies,
    "vocabulary": Vocabulary,
}


def schema(name: str) -> str:
    """The JSON Schema of a kind of file people write."""
    value = SCHEMAS[name].model_json_schema()
    value = {"$schema": "https://json-schema.org/draft/2020-12/schema", **value}
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _type_name(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        parts = [_type_name(one) for one in get_args(annotation) if one is not type(None)]
        return " or ".join(parts) + (" or null" if type(None) in get_args(annotation) else "")
    if origin is Literal:
        return " or ".join("true" if one is True else str(one) for one in get_args(annotation))
    if origin is tuple:
        return f"list of {_type_name(get_args(annotation)[0])}"
    if origin is dict:
        return f"mapping to {_type_name(get_args(annotation)[1])}"
    if origin is not None and get_args(annotation):
        return _type_name(get_args(annotation)[0])
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if annotation in names:
        return names[annotation]
    if annotation == 1:
        return "1"
    name = getattr(annotation, "__name__", str(annotation))
    return "the value's type" if name == "V" else str(name).split("[")[0]


def _inner_types(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | StrEnum):
        generic = getattr(annotation, "__pydantic_generic_metadata__", {}).get("origin")
        return [generic or annotation]
    return [found for one in get_args(annotation) for found in _inner_types(one)]


def _title(model: type[BaseModel] | type[StrEnum]) -> str:
    return model.__name__.split("[")[0]


def reference() -> str:
    """``docs/data.md``: every file, field and enumeration, and who writes it."""
    out = [
        "# The data of a review",
        "",
        "Generated from the models by `make docs`; do not edit.",
        "Every file carries `format`: 1, or 2 where its kind moved on; `review migrate` moves",
        "older files on, but for searches, imports and editions, which are never rewritten.",
        "YAML belongs to people: the tool never rewrites it.",
        "JSON belongs to the tool: fields that have their default are left out.",
        "A CSV file belongs to the reviewer it is named after.",
        "Unknown is null with a reason, never a guess.",
        "Not listed: `data/texts/` (abstracts, git-ignored, fetched again at need);",
        "`data/runs.log`, a line for each red month of the monthly job: its day, the step it",
        "failed in and the exit (a number, or `cancelled`).",
        "",
        "| file | who writes it | content |",
        "| --- | --- | --- |",
    ]
    queue: list[Any] = []
    for name, writer, model in FILES:
        out.append(f"| `{name}` | {writer} | [{_title(model)}](#{_title(model).lower()}) |")
        queue.append(model)
    seen: dict[str, Any] = {}
    while queue:
        model = queue.pop(0)
        if _title(model) in seen:
            continue
        seen[_title(model)] = model
        if issubclass(model, BaseModel):
            for info in model.model_fields.values():
                queue += _inner_types(info.annotation)
    models = [m for m in seen.values() if issubclass(m, BaseModel)]
    enums = sorted((m for m in seen.values() if issubclass(m, StrEnum)), key=_title)
    for model in models:
        paragraph = (model.__doc__ or "").strip().partition("\n\n")[0]
        out += ["", f"## {_title(model)}", "", " ".join(paragraph.split()), ""]
        out += ["| field | type | needed | meaning |", "| --- | --- | --- | --- |"]
        for name, info in model.model_fields.items():
            if info.is_required():
                needed = "yes"
            elif info.default in (None, PydanticUndefined, ()):
                needed = "no"
            else:
                needed = f"no ({info.default})" if not isinstance(info.default, BaseModel) else "no"
            meaning = (info.description or "").replace("|", "\\|")
            out.append(
                f"| `{info.alias or name}` | {_type_name(info.annotation)} | {needed} | {meaning} |"
            )
    out += ["", "## Enumerations", ""]
    for enum in enums:
        values = ", ".join(f"`{value}`" for value in enum)
        first = (enum.__doc__ or "").strip().splitlines()[0]
        out += [f"### {_title(enum)}", "", first, "", values, ""]
    return "\n".join(out).rstrip() + "\n"


def write(folder: Path) -> None:
    """Write the page and the schemas."""
    (folder / "schema").mkdir(parents=True, exist_ok=True)
    (folder / "data.md").write_text(reference(), encoding="utf-8")
    for name in SCHEMAS:
        (folder / "schema" / f"{name}.json").write_text(schema(name), encoding="utf-8")


if __name__ == "__main__":
    write(resource("docs"))
