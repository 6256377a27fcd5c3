"""DOIs: one rule of what one is, however it was printed, and ids of records that never change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.files.store import Store
from review.ground import identifiers
from review.ground.identifiers import DEEPEST, clean_doi, doi
from review.model.record import record_id
from tests.conftest import DEMO, HOME
from tests.test_io import run_import

PRINTED = [
    # (as it is printed, the DOI, the id of a record that has nothing else)
    ("10.5555/demo.2021.1", "10.5555/demo.2021.1", "doi-a6c0f521db"),
    ("10.1016/S1474-4422(20)30078-8", "10.1016/S1474-4422(20)30078-8", "doi-79e9adf71d"),
    ("https://doi.org/10.5555/AbC.", "10.5555/AbC", "doi-d62a0c5faa"),
    ("http://dx.doi.org/10.5555/x", "10.5555/x", "doi-e6d4f5bb43"),
    ("doi: 10.5555/x", "10.5555/x", "doi-e6d4f5bb43"),
    ("DOI.10.5555/x", "10.5555/x", "doi-e6d4f5bb43"),
    ("10.1000.10/123", "10.1000.10/123", "doi-51eba4ce2f"),
    ("10.1000/abc&amp;d", "10.1000/abc&d", "doi-b7cc25a0f0"),
    ("10.1000/abc&AMP;AMP;d", "10.1000/abc&d", "doi-b7cc25a0f0"),
    ("10.1000/ab%2Dc", "10.1000/ab-c", "doi-58d82081bf"),
    ("10.1000/ab%252Dc", "10.1000/ab-c", "doi-58d82081bf"),
    ("10.1000/ab%ffc", "10.1000/ab%ffc", "doi-be557657eb"),
    ("10.1000/a%2Db and %ff", "10.1000/a-b", "doi-1f53277a52"),
    ("https://doi.org/10.5555%2Fa(1)b?utm_source=x", "10.5555/a(1)b", "doi-ff83c621cd"),
    ("https://a.org/x?doi=10.5555/a&amp;role=tab", "10.5555/a", "doi-2948d23a2d"),
    ("10.5555/a?ref=b&c", "10.5555/a?ref=b&c", "doi-20e18402f1"),
    (
        "10.1002/(SICI)1097(199)1:1%3C1::AID%3E3.0",
        "10.1002/(SICI)1097(199)1:1<1::AID>3.0",
        "doi-7e0ed172d2",
    ),
    (
        "10.1002/1098(198707)6:4&#x0003c;485::AID-E0405&#x0003e;3.0.CO;2-O",
        "10.1002/1098(198707)6:4<485::AID-E0405>3.0.CO;2-O",
        "doi-85dfed1853",
    ),
    ("(doi:10.3390/jcm15041378）。", "10.3390/jcm15041378", "doi-b2e80bc0f6"),
    ("１０．５５５５／ａｂｃ，另见", "10.5555/abc", "doi-d62a0c5faa"),
    ("<10.5555/a>", "10.5555/a", "doi-2948d23a2d"),
    ('"10.5555/a","b"', "10.5555/a", "doi-2948d23a2d"),
    ("[10.5555/a];", "10.5555/a", "doi-2948d23a2d"),
    ("10.5555/a\x00b", "10.5555/a", "doi-2948d23a2d"),
    ("10.5555/.", None, None),
    ("110.5555/a", None, None),
    ("1.10.5555/a", None, None),
    ("10.55/a", None, None),
    ("not a doi", None, None),
    ("", None, None),
    (None, None, None),
]
"""The kinds of DOI that stand in the demonstration, the tests and the review, and damaged ones."""


def only_doi(text: str) -> str:
    return record_id(pmid=None, doi=text, source="a", accession="")


@pytest.mark.parametrize(("printed", "expected", "frozen"), PRINTED)
def test_one_doi_however_it_is_printed(
    printed: str | None, expected: str | None, frozen: str | None
) -> None:
    assert doi(printed) == expected
    assert clean_doi(printed) == (expected.lower() if expected else None)
    if expected is not None:
        assert only_doi(expected) == frozen


@given(st.text() | st.from_regex(r"[ -~]{0,9}10\.[0-9]{4}/[!-~，。％＆]{1,20}", fullmatch=True))
@example("10.5555/&#37;41")
@example("10.5555/%EF%BC%85%EF%BC%90")
@example("10.5555/a)>.")
def test_a_doi_that_was_read_is_read_as_itself(text: str) -> None:
    found = doi(text)
    if found is not None:
        assert doi(found) == found
        assert clean_doi(found) == clean_doi(text) == found.lower()


def decoded_to_the_end(text: str) -> str:
    before = None
    while text != before:
        before, text = text, identifiers._decoded_once(text)
    return text


@given(
    st.text(max_size=99)
    | st.lists(
        st.sampled_from(["%", "25", "&", "amp;", "#37;", "2D", "C3", "A9", "％", "10.5555/", "a"]),
        max_size=24,
    ).map("".join)
)
@example("10.5555/a%" + "25" * 44 + "2Db")
@example("10.5555/a&" + "amp;" * 22 + "b")
def test_a_short_text_is_decoded_to_the_end_whatever_was_put_on(text: str) -> None:
    assert identifiers._decoded(text[:99]) == decoded_to_the_end(text[:99])


@pytest.mark.parametrize("nested", ["%" + "25" * 999, "&" + "amp;" * 999, "%26" + "#37;26" * 999])
def test_what_is_encoded_a_thousand_times_is_given_up(
    nested: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    once = identifiers._decoded_once

    def counted(text: str) -> str:
        steps.append(len(text))
        return once(text)

    monkeypatch.setattr(identifiers, "_decoded_once", counted)
    assert doi(f"10.5555/a {nested}") is None
    assert len(steps) == DEEPEST


def held_dois() -> list[tuple[str, str]]:
    paths = [p for home in (HOME, DEMO) for p in (home / "data" / "records").glob("*/*.json")]
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [(one["id"], one["doi"]) for one in records if one.get("doi")]


def test_the_dois_and_the_ids_of_held_records_stay() -> None:
    held = held_dois()
    by_doi = [(one, printed) for one, printed in held if one.startswith("doi-")]
    assert len(held) > 90
    assert len(by_doi) == 14
    for one, printed in held:
        assert doi(printed) == printed, one
        assert clean_doi(printed) == printed.lower(), one
    for one, printed in by_doi:
        assert only_doi(printed) == one


@pytest.mark.parametrize("printed", ["10.5555/ab%2Dc", "10.5555/abc&amp;d", "10.5555/AB-C"])
def test_a_record_held_by_an_older_reading_of_its_doi_keeps_its_id(
    root: Path, tmp_path: Path, printed: str
) -> None:
    path = tmp_path / "a.ris"
    reference = "TY  - JOUR\nTI  - Knots in the wood of old pear trees\nAU  - Roe, Ann\nJO  - Wood"
    more = f"PY  - 2020\nVL  - 3\nSP  - 10\nDO  - {printed}\nER  - \n"
    path.write_text(f"{reference}\n{more}", encoding="utf-8")
    assert run_import(root, path) == 10
    (new,) = Store(root).imports()[0].new
    file = next((root / "data" / "records").glob(f"*/{new}.json"))
    record = json.loads(file.read_text(encoding="utf-8"))
    assert record["doi"] == doi(printed)
    older = only_doi(printed)
    record |= {"id": older, "doi": printed, "source": "other"}
    file.unlink()
    file.with_name(f"{older}.json").write_text(json.dumps(record), encoding="utf-8")
    shutil.rmtree(root / "data" / "imports")
    assert run_import(root, path) == 0
    again = Store(root).imports()[0]
    assert (again.new, again.known) == ((), (older,))
    assert Store(root).records()[older].doi == printed
