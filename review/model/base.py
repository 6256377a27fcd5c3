"""What every data model shares: frozen, unknown keys are errors, messages a clinician can use."""

import json
import re
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)

from review.ground.errors import InvalidDataError, Problem
from review.ground.identifiers import DOI
from review.ground.yaml import Document

FORMAT = 1
"""The data format of most kinds of file; ``review migrate`` moves older files on."""
NEWER = "(written by a newer program)"

Format = Literal[1]
Format2 = Literal[2]
"""Of the kinds that moved on: previous.yaml and corrections.yaml."""


def _real_day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError(f'found "{value}", expected a day of the calendar') from None
    return value


Day = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
    AfterValidator(_real_day),
]
Pmid = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}$")]
Pmcid = Annotated[str, StringConstraints(pattern=r"^PMC[1-9][0-9]{0,9}$")]
Doi = Annotated[str, StringConstraints(pattern=rf"^{DOI}$")]
RecordId = Annotated[
    str, StringConstraints(pattern=r"^(pmid-[1-9][0-9]{0,8}|(doi|src)-[0-9a-f]{10})$")
]
StudyId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*-([0-9]{4}|undated)(-[a-z])?$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"\S")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _no_letter(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(
        r"(?i)([1-5]|[iv]{1,3}) ?[a-c]?[+-]?", value.strip()
    ):
        raise ValueError(
            f'found "{value}", expected a whole number from 1 to 5: '
            "OCEBM 2011 has no letter grades (those are of 2009)"
        )
    if isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= 5:
        raise ValueError(f"found {value}, expected a whole number from 1 to 5")
    return value


Level = Annotated[int, BeforeValidator(_no_letter)]
"""An OCEBM 2011 level."""


class Model(BaseModel):
    """A frozen value object; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    taken_away: ClassVar[dict[str, str]] = {}
    """Keys that were taken away, and what is said to who still has one."""


class Bilingual(Model):
    """A sentence in the review's two languages; either may wait for its translation."""

    en: Text | None = None
    zh: Text | None = None

    def __getitem__(self, language: str) -> str:
        chosen = self.zh if language == "zh" else self.en
        return chosen or self.en or self.zh or ""


def bilingual(en: str, zh: str) -> Bilingual:
    """A sentence of the program, in both languages."""
    return Bilingual(en=en, zh=zh)


class Stated(Model):
    """A value that may be unknown; unknown is null with a reason."""

    value: Text | None = None
    reason: Text | None = None

    def model_post_init(self, _context: Any, /) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError("give a value, or null with a reason")


class QuestionKind(StrEnum):
    """The seven OCEBM 2011 questions, and what they do not cover."""

    PREVALENCE = "prevalence"
    DIAGNOSIS = "diagnosis"
    PROGNOSIS = "prognosis"
    TREATMENT = "treatment"
    COMMON_HARM = "common_harm"
    RARE_HARM = "rare_harm"
    SCREENING = "screening"
    NOT_GRADABLE = "not_gradable"


def formats(model: type[BaseModel]) -> tuple[int, ...]:
    """The formats of a kind of file that this program reads, the one it writes last."""
    field = model.model_fields.get("format")
    return get_args(field.annotation) if field is not None else ()


M = TypeVar("M", bound=Model)

_SENTENCES = {
    "missing": "missing, expected a value",
    "string_type": "found {found}, expected text",
    "int_type": "found {found}, expected a whole number",
    "float_type": "found {found}, expected a number",
    "bool_type": "found {found}, expected true or false",
    "tuple_type": "found {found}, expected a list",
    "list_type": "found {found}, expected a list",
    "dict_type": "found {found}, expected a mapping",
    "model_type": "found {found}, expected a mapping of fields",
    "model_attributes_type": "found {found}, expected a mapping of fields",
    "greater_than_equal": "found {found}, expected {ge} or more",
    "greater_than": "found {found}, expected more than {gt}",
    "less_than_equal": "found {found}, expected {le} or less",
    "less_than": "found {found}, expected less than {lt}",
    "finite_number": "found {found}, expected a finite number",
    "string_too_short": "found {found}, expected text",
    "string_too_long": "found a text of {length} characters, expected at most {max_length}",
    "too_short": "found {found}, expected at least {min_length}",
    "too_long": "found {found}, expected at most {max_length}",
    "none_required": "found {found}, expected nothing",
    "int_from_float": "found {found}, expected a whole number",
}
"""What pydantic finds, by its names; what it counts or compares with stands in its own braces."""
FORMS = {
    "^[0-9]{4}-(0[1-9]|": "a day as YYYY-MM-DD",
    "^[1-9][0-9]{0,8}$": "a PMID: its digits alone",
    "^PMC": "a number of PubMed Central, as PMC123",
    "^10": "a DOI, as 10.1000/abc",
    "^(pmid-": "the id of a record: pmid- with its digits, doi- or src- with ten signs",
    "^[a-z][a-z0-9]*-([0-9]{4}": "the id of a study: small letters, - and a year",
    "^[a-z0-9][a-z0-9-]{0,60}$": "a short name: small letters, digits and hyphens",
    "^[0-9a-f]{64}$": "a hash: 64 digits and letters a to f",
    "^[A-Z][0-9]{2,4}$": "the id of a claim: a capital and two to four digits",
    "^(0|[1-9][0-9]{0,3})\\.": "a version: two numbers with a full stop between",
    "^((study|claim": "what it is of and its id, as study:ID or claim:ID",
    "^data/vocabulary/": "a file of data/vocabulary/ that ends in .yaml",
    r"^[^@\s]+@": "an e-mail address",
    "^(study:[a-z]": "study: or claim: and its id",
    r"^[a-z0-9][a-z0-9_.-]{0,80}(\[": "the name of a field, as results.r1 or sample[0]",
    r"\S": "text, not spaces alone",
}
"""The forms of texts in words, by how their patterns start; the first that fits stands."""


def form_words(pattern: str) -> str:
    """What a pattern asks for, in words."""
    known = (words for start, words in FORMS.items() if pattern.startswith(start))
    return next(known, "another form")


def _show(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 60 else shown[:57] + '…"'


def _known_fields(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The field names valid at the place of an unknown key, as far as the type tells."""
    current: Any = model.model_json_schema()
    definitions = current.get("$defs", {})
    for step in [*location[:-1], None]:
        options = [current, *current.get("anyOf", [])]
        options = [definitions[o["$ref"].rsplit("/", 1)[1]] if "$ref" in o else o for o in options]
        if step is None:
            return [name for option in options for name in option.get("properties", {})]
        for option in options:
            if isinstance(step, int) and "items" in option:
                current = option["items"]
                break
            if step in option.get("properties", {}):
                current = option["properties"][step]
                break
        else:
            return []
    return []


def field_name(location: Sequence[str | int]) -> str:
    """``("results", 0, "events")`` as a person writes it: ``results[0].events``."""
    name = ""
    for step in location:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def problems_of(
    error: ValidationError, model: type[BaseModel], document: Document, path: str
) -> list[Problem]:
    """Each validation error as one line: file, line, field, found, expected."""
    problems = []
    model_gone: dict[int | str, str] = {**getattr(model, "taken_away", {})}
    items = error.errors(include_url=False)
    places = [item["loc"] for item in items]
    for item in items:
        place = tuple(step for step in item["loc"] if isinstance(step, str | int))
        inside = any(other[: len(place)] == place and other != place for other in places)
        if item["type"] == "too_short" and inside:
            continue  # a list that is short only because its items are faulty
        kind, context = item["type"], item.get("ctx", {})
        found = _show(item.get("input"))
        if kind == "extra_forbidden" and len(place) == 1 and place[0] in model_gone:
            sentence = model_gone[place[0]]
        elif kind == "extra_forbidden":
            known = _known_fields(model, place)
            near = get_close_matches(str(place[-1]), known, n=1, cutoff=0.5)
            sentence = "unknown key, " + (
                f"nearest is {near[0]}" if near else f"expected one of {', '.join(known)}"
            )
        elif kind == "string_pattern_mismatch":
            sentence = f"found {found}, expected {form_words(context['pattern'])}"
        elif kind in ("enum", "literal_error"):
            sentence = f"found {found}, expected {context['expected']}"
        elif kind == "value_error":
            sentence = str(context["error"])
        elif kind in _SENTENCES:
            length = len(item["input"]) if isinstance(item["input"], str) else 0
            sentence = _SENTENCES[kind].format(**{"found": found, "length": length, **context})
            if kind in ("int_type", "float_type") and re.fullmatch('"-?[0-9.]+"', found):
                sentence += " without quotation marks, leading zeros or other signs"
        else:
            sentence = f"found {found}: {item['msg']}"
        problems.append(Problem(path, document.line(place), field_name(place), sentence))
    return problems


def load(model: type[M], document: Document, path: str) -> M:
    """Validate a parsed file against its model, strictly.

    :raises InvalidDataError: with one problem per fault, all of them
    """
    known = formats(model)
    if isinstance(document.value, dict) and known:
        found = document.value.get("format")
        version = found if isinstance(found, int) and not isinstance(found, bool) else known[0]
        if version > known[-1]:
            sentence = f"found format {version}, expected {known[-1]} {NEWER}"
            raise InvalidDataError([Problem(path, document.line(("format",)), "format", sentence)])
        if 0 <= version < known[0]:
            sentence = f"found format {version}, expected {known[-1]}; run: review migrate"
            raise InvalidDataError([Problem(path, document.line(("format",)), "format", sentence)])
    try:
        return model.model_validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        raise InvalidDataError(problems_of(error, model, document, path)) from None


def canonical(model: Model) -> bytes:
    """The bytes of a tool-written JSON file: model order, two spaces, defaults omitted, UTF-8."""
    value = model.model_dump(mode="json", exclude_defaults=True)
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
