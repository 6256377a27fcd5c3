"""``review pool`` as its users meet it: any CSV file, right or wrong, and the pictures of it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from review import cli
from review.plots.axis import Axis, ticks
from review.plots.evidence_map import Bubble, evidence_map
from review.plots.forest import Row, forest
from review.plots.funnel import funnel
from review.plots.timeline import timeline
from tests.test_pool import BCG, near

KEYS = {
    *("k", "estimate", "se", "ci_lower", "ci_upper", "p", "tau2", "tau2_ci_lower"),
    *("tau2_ci_upper", "I2", "H2", "Q", "Q_p", "pi_lower", "pi_upper", "weights"),
}
BCG_FILE = "trial,author,year,ai,bi,ci,di,place\n" + "".join(
    f"{n},Author {n % 9},{1930 + 3 * n},{a},{b},{c},{d},{'north' if n < 7 else 'south'}\n"
    for n, (a, b, c, d) in enumerate(BCG, 1)
)


def run(tmp_path: Path, text: str | bytes, *options: str) -> int:
    path = tmp_path / "studies.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return int(cli.main(["pool", str(path), *options]))


def found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, *options: str
) -> dict[str, Any]:
    assert run(tmp_path, text, *options, "--json") == 0
    value: dict[str, Any] = json.loads(capsys.readouterr().out)
    return value


@pytest.mark.parametrize(
    "options",
    [
        ("--measure", "RR"),
        ("--measure", "or", "--method", "dl", "--test", "z"),
        ("--measure", "OR", "--method", "MH"),
        ("--measure", "RD", "--method", "MH"),
        ("--measure", "OR", "--method", "PETO"),
        ("--measure", "OR", "--method", "fixed"),
    ],
)
def test_every_analysis_has_every_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    one = found(tmp_path, capsys, BCG_FILE, *options)
    assert set(one) >= KEYS
    assert one["k"] == 13
    assert math.isclose(sum(one["weights"]), 100)
    assert one["ci_lower"] < one["estimate"] < one["ci_upper"]


def test_groups_moderators_and_sensitivity(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--measure", "RR", "--by", "place", "--moderator", "year", "--sensitivity")
    one = found(tmp_path, capsys, BCG_FILE, *options)
    assert set(one["subgroups"]["groups"]) == {"north", "south"}
    assert sum(g["k"] for g in one["subgroups"]["groups"].values()) == 13
    assert list(one["moderators"]["coefficients"]) == ["intercept", "year"]
    steps = one["sensitivity"]
    assert len(steps["leave_one_out"]) == len(steps["influence"]) == 13
    assert near(steps["cumulative"][-1]["estimate"], one["estimate"])
    assert set(steps["small_studies"]) == {"egger", "begg", "trim_and_fill"}


def test_small_studies_are_refused_for_shares_and_under_ten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = "xi,ni\n" + "".join(f"{n},40\n" for n in range(3, 17))
    one = found(tmp_path, capsys, shares, "--measure", "PLO", "--sensitivity")
    assert "nothing of proportions" in one["sensitivity"]["small_studies"]["refused"]
    assert run(tmp_path, shares, "--measure", "PLO", "--funnel", str(tmp_path / "f.svg")) == 2
    few = "yi,vi\n" + "".join(f"{n},{n + 1}\n" for n in range(5))
    one = found(tmp_path, capsys, few, "--measure", "GEN", "--sensitivity")
    assert "10 expected" in one["sensitivity"]["small_studies"]["refused"]
    same = "yi,vi\n" + "".join(f"{n},2\n" for n in range(12))
    one = found(tmp_path, capsys, same, "--measure", "GEN", "--sensitivity")
    assert "all standard errors are the same" in one["sensitivity"]["small_studies"]["refused"]


def test_variances_from_errors_intervals_and_p_values_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = found(tmp_path, capsys, "yi,vi\n1,0.04\n2,0.09\n", "--measure", "GEN")
    z = 1.959963984540054
    ways = {
        "yi,sei\n1,0.2\n2,0.3\n": 0,
        f"yi,ci.lb,ci.ub\n1,{1 - z * 0.2},{1 + z * 0.2}\n2,{2 - z * 0.3},{2 + z * 0.3}\n": 1,
    }
    for text, notes in ways.items():
        one = found(tmp_path, capsys, text, "--measure", "GEN")
        assert near(one["estimate"], wanted["estimate"], 1e-9)
        assert near(one["se"], wanted["se"], 1e-9)
        assert len(one["notes"]) == notes, "a conversion is told"


def test_totals_or_rest_semicolons_commas_medians_and_missing_correlations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = found(tmp_path, capsys, "ai,bi,ci,di\n4,6,3,7\n5,9,8,6\n", "--measure", "OR")
    total = found(
        tmp_path, capsys, "AI,n1i,ci,n2i,bi\n4,10,3,10,\n5,14,8,14,9\n", "--measure", "OR"
    )
    assert rest["estimate"] == total["estimate"]
    comma = found(tmp_path, capsys, "yi;vi\n0,5;0,1\n1,5;0,2\n", "--measure", "GEN")
    point = found(tmp_path, capsys, "yi,vi\n0.5,0.1\n1.5,0.2\n", "--measure", "GEN")
    assert comma["estimate"] == point["estimate"]
    medians = "med1i,q11i,q31i,n1i,m2i,sd2i,n2i\n5,4,6,40,4,1,40\n6,5,8,50,4,1,50\n"
    one = found(tmp_path, capsys, medians, "--measure", "MD")
    assert one["notes"] == [
        "group 1: mean and SD worked out of median and quartiles (Luo 2018, Wan 2014)"
    ]
    change = "m1i,m2i,sd1i,sd2i,ni,ri\n5,3,1,1,20,\n6,3,1,1,20,0.7\n"
    one = found(tmp_path, capsys, change, "--measure", "MC")
    assert set(one["assumed_r"]) == {"0.5", "0.3", "0.7"}
    assert "1 of 2: 0.5 assumed" in one["notes"][0]


@pytest.mark.parametrize(
    ("text", "measure", "told"),
    [
        ("yi,vi\n1,-2\n", "GEN", "studies.csv:2: vi: found -2, expected above 0"),
        ("yi,vi\n1,x\n", "GEN", 'studies.csv:2: vi: found "x", expected a number'),
        ("yi,vi\n1,\n", "GEN", "studies.csv:2: vi: empty, expected a number"),
        ("yi,vi\n1,inf\n", "GEN", "expected a number"),
        ("yi,vi\n1_0,1\n", "GEN", "expected a number"),
        ("yi,vi\n1,2,3\n", "GEN", "studies.csv:2: found 3 cells, expected 2"),
        ("yi,yi,vi\n1,2,3\n", "GEN", "studies.csv:1: yi: the column stands twice"),
        ("xi,ni\n12,10\n", "PLO", "studies.csv:2: xi: found 12 events among 10"),
        ("study,xi,ni\nA,2,10\na ,2,20\n", "PLO", 'studies.csv:3: study: found "a" again (line 2)'),
        ("study,xi,ni\n,2,10\n", "PLO", "studies.csv:2: study: empty"),
        ("ai,bi,ci,di\n0,0,3,4\n", "OR", "an arm without people"),
        ("ai,bi,n1i,ci,di,n2i\n4,5,10,3,2,5\n", "OR", "found 4 + 5, which is not n1i 10"),
        ("ri,ni\n1,20\n", "ZCOR", "expected a correlation between -1 and 1"),
        ("ri,ni\n0.5,4\n", "ZCOR", "found 4, expected above 4"),
        ("yi,ci.lb,ci.ub\n4,5,6\n", "GEN", "found 4 outside its interval"),
        ("yi,pval\n4,0\n", "GEN", "expected a P value between 0 and 1"),
        ("", "GEN", "studies.csv:1: empty, expected a line of column names"),
        ("yi,vi\n", "GEN", "studies.csv:2: no study"),
        (b"yi,vi\n\xff\xfe,1\n", "GEN", "studies.csv:2: found byte 0xff, expected UTF-8; in Excel"),
        (b"yi,vi\n1\0,1\n", "GEN", "studies.csv:2: found a NUL byte"),
        ('yi,vi\n"1,1\n2,2\n', "GEN", "studies.csv:2: not readable as CSV"),
        ("yi\x1b[31m,vi\n1,2\n", "GEN", "missing for GEN; found the columns yi[31m, vi"),
        (f"yi,vi\n{'9' * 200_000},1\n", "GEN", "studies.csv:2: "),
    ],
)
def test_a_bad_file_is_one_line_and_no_result(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | bytes,
    measure: str,
    told: str,
) -> None:
    assert run(tmp_path, text, "--measure", measure) == 40
    output = capsys.readouterr()
    assert output.out == ""
    assert told in output.err
    assert len(output.err.strip().splitlines()) <= 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--measure", "XX"), "--measure XX: expected one of OR, RR"),
        (("--measure", "GEN", "--method", "nix"), "--method NIX: expected one of EE, DL"),
        (("--measure", "GEN", "--level", "95"), "--level 95"),
        (("--measure", "GEN", "--by", "nix"), "--by nix: expected one of"),
        (("--measure", "PLO", "--method", "GLMM"), "expected xi and ni"),
        (("--measure", "OR", "--method", "PETO"), "expected ai, bi"),
        (("--measure", "GEN", "--method", "MH"), "expected a 2x2 table"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], told: str
) -> None:
    assert run(tmp_path, "yi,vi\n1,2\n2,3\n", *options) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_is_not_there_and_a_plot_over_the_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["pool", str(tmp_path / "nix.csv"), "--measure", "GEN"]) == 2
    assert cli.main(["pool", str(tmp_path), "--measure", "GEN"]) == 2
    same = str(tmp_path / "studies.csv")
    assert run(tmp_path, "yi,vi\n1,2\n", "--measure", "GEN", "--plot", same) == 2
    assert (tmp_path / "studies.csv").read_text(encoding="utf-8") == "yi,vi\n1,2\n"
    capsys.readouterr()


# ---- pictures ------------------------------------------------------------------------------------


def drawn(svg: str) -> etree._Element:
    """A picture that is well-formed, titled and described, and loads nothing."""
    root = etree.fromstring(svg.encode())
    names = [etree.QName(one).localname for one in root]
    assert names[:2] == ["title", "desc"]
    assert root[0].text
    assert root[1].text
    assert root.get("role") == "img"
    assert "href" not in svg
    assert "nan" not in svg.lower().replace("tenant", "")
    assert 'inf"' not in svg
    return root


def words(root: etree._Element) -> list[str]:
    return ["".join(str(t) for t in one.itertext()) for one in root.iter("{*}text")]


def test_a_plot_of_a_file_is_whole_and_the_same_again(tmp_path: Path) -> None:
    out = tmp_path / "forest.svg"
    options = ("--measure", "RR", "--by", "place", "--plot", str(out))
    assert run(tmp_path, BCG_FILE, *options) == 0
    first = out.read_bytes()
    assert run(tmp_path, BCG_FILE, *options) == 0
    assert out.read_bytes() == first
    told = words(drawn(first.decode()))
    assert "place: north" in told
    assert any(one.startswith("0.489 (0.330 to 0.726)") for one in told)
    assert sum("%" in one and "CI" not in one for one in told) == 13, "a weight a study"
    funnel_file = tmp_path / "funnel.svg"
    assert run(tmp_path, BCG_FILE, "--measure", "RR", "--funnel", str(funnel_file)) == 0
    root = drawn(funnel_file.read_text(encoding="utf-8"))
    assert len(list(root.iter("{*}circle"))) == 13


@pytest.mark.parametrize("measure", ["OR", "PETO"])
def test_a_study_without_events_keeps_its_row(tmp_path: Path, measure: str) -> None:
    out = tmp_path / "forest.svg"
    text = "study,ai,bi,ci,di\nA,3,7,5,5\nnothing,0,10,0,10\nC,2,8,4,6\n"
    options = ("--measure", measure, "--method", "PETO", "--plot", str(out))
    assert run(tmp_path, text, *options) == 0
    told = words(drawn(out.read_text(encoding="utf-8")))
    assert [one.partition(" ")[0] for one in told if "/" in one] == ["A", "nothing", "C"]


def test_each_share_is_shown_with_its_own_people(tmp_path: Path) -> None:
    out = tmp_path / "forest.svg"
    text = "study,xi,ni\nA,2,10\nB,50,1000\n"
    assert run(tmp_path, text, "--measure", "PFT", "--plot", str(out), "--level", "0.9") == 0
    told = words(drawn(out.read_text(encoding="utf-8")))
    assert "Estimate (90 % CI)" in told
    shown = [one.partition("\u202f")[0] for one in told if "to" in one]
    assert shown[:2] == ["20.0", "5.0"]


def test_hostile_names_and_huge_numbers_are_drawn() -> None:
    names = ["<script>alert(1)</script>", "a\x01b\ufffe", "名" * 80, "&amp; \" ' ]]>", ""]
    rows = [Row(one, 1e-9 * n, -1e12, 1e12, 20.0, mark="L3 ✓") for n, one in enumerate(names)]
    rows += [Row("open", math.inf, 0.1, math.inf), Row("same", 1.0, 1.0, 1.0)]
    for axis in (Axis("x"), Axis("x", "log", 1.0), Axis("x", "share")):
        svg = forest("t <&>", "d", rows, axis, watermark="UNVERIFIED", alone=True)
        root = drawn(svg)
        assert root[0].text == "UNVERIFIED: t <&>"
        assert str(root[1].text).startswith("UNVERIFIED.")
        assert "<script" not in svg
    drawn(funnel("t", "d", [("a<b", 0.0, 0.1)], 0.0, "x"))
    drawn(timeline("t", "d", [(2001, "a<b", None), (2001, "c", 3), (2001, "c", None)], "people"))
    drawn(evidence_map("t", "d", ["r<"], ["c&"], [Bubble(0, 0, 1, None, None, "<told>")]))


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [
        *((1.05, 1.35, "log"), (1e7, 1e9, "log"), (0.01, 100, "log"), (1e-14, 3e-14, "linear")),
        *((0.0, 1.0, "linear"), (-3e5, 7e5, "linear"), (5.0, 5.001, "linear")),
    ],
)
def test_an_axis_has_a_few_different_round_places(low: float, high: float, scale: str) -> None:
    places = ticks(low, high, scale)
    assert 2 <= len(places) <= 9
    assert places == sorted(set(places))
    assert all(low * (1 - 1e-9) - 1e-20 <= one <= high * (1 + 1e-9) for one in places if one)


def test_figures_never_run_into_the_weights() -> None:
    wide = [Row("s", 12345.678, -12345.678, 12345.678, 50.0), Row("t", 1.0, 0.5, 2.0, 50.0)]
    root = drawn(forest("t", "d", wide, Axis("x")))
    texts = [(float(str(one.get("x"))), one) for one in root.iter("{*}text")]
    figure = next(x for x, one in texts if "12345.68" in str(one.text))
    weight = next(x for x, one in texts if "50.0" in str(one.text))
    longest = max(len(str(one.text)) for _, one in texts)
    assert weight - figure > longest * 6


@pytest.mark.parametrize(
    ("column", "told"),
    [("10,20,NA,30", "found an empty cell"), ("10,20,many,30", "found many among numbers")],
)
def test_a_moderator_is_numbers_or_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, told: str
) -> None:
    rows = "".join(f"{n},1,{cell}\n" for n, cell in enumerate(column.split(",")))
    text = f"yi,vi,dose\n{rows}"
    assert run(tmp_path, text, "--measure", "GEN", "--moderator", "dose") == 2
    assert told in capsys.readouterr().err


def test_a_study_far_out_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "forest.svg"
    assert run(tmp_path, "yi,vi\n1e29,1e28\n", "--measure", "GEN", "--plot", str(out)) == 0
    drawn(out.read_text(encoding="utf-8"))
    far = "ai,bi,ci,di\n1e29,5,50,1e20\n5,1,1e20,0.5\n"
    assert run(tmp_path, far, "--measure", "OR", "--plot", str(out)) == 0
    drawn(out.read_text(encoding="utf-8"))
