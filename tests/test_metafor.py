"""All reference answers of metafor, within the tolerances that the statistics promise."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from review.statistics import conversions
from review.statistics import effect_sizes as es
from review.statistics import sensitivity as sens
from review.statistics.distributions import chi2_above
from review.statistics.glmm import _log_likelihood, binomial_normal
from review.statistics.pool import pool, subgroups
from review.statistics.regression import regress
from review.statistics.two_by_two import mantel_haenszel, peto
from tests.conftest import SHARED

META = SHARED / "meta"
pytestmark = pytest.mark.skipif(
    not META.is_dir(), reason="metafor's answers lie beside the project"
)


@cache
def answers(name: str) -> Any:
    return (
        json.loads((META / f"{name}.json").read_text(encoding="utf-8"))
        if META.is_dir()
        else {"cases": [], "datasets": [], "tables": [], "single": []}
    )


@cache
def sets() -> dict[str, Any]:
    return {one["id"]: one for one in answers("datasets")["datasets"]}


def near(
    ours: float | None, theirs: Any, relative: float, absolute: float = 0.0, what: str = ""
) -> None:
    if theirs is None or theirs == []:
        return
    assert ours is not None, what
    assert math.isfinite(ours), what
    assert abs(ours - theirs) <= max(relative * abs(theirs), absolute), (what, ours, theirs)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_pooling_946_fits() -> None:
    """Trap: metafor's own tolerances are loose; these answers were made with tight ones."""
    cases = answers("rma_uni")["cases"]
    assert len(cases) == 946
    for case in cases:
        data = sets()[case["dataset"]]
        got = pool(data["yi"], data["vi"], case["method"], case["test"], case["level"])
        name = f"{case['dataset']} {case['method']} {case['test']}"
        for field, ours in (
            ("estimate", got.estimate),
            ("se", got.se),
            ("stat", got.statistic),
            ("p", got.p),
            ("ci_lo", got.ci_lower),
            ("ci_hi", got.ci_upper),
            ("tau2", got.tau2),
            ("pi_lo", got.pi_lower),
            ("pi_hi", got.pi_upper),
            ("Q", got.q),
            ("Q_p", got.q_p),
        ):
            if case["k"] == 1 and field in ("pi_lo", "pi_hi"):
                continue
            near(ours, case[field], 1e-8, 1e-12, f"{name} {field}")
        near(got.i2, case["I2"], 0, 1e-6, f"{name} I2")
        near(got.h2, case["H2"], 1e-8, 1e-8, f"{name} H2")
        for ours, theirs in zip(got.weights, listed(case["weights"]), strict=True):
            near(ours, theirs, 1e-8, 1e-10, f"{name} weights")
        # Trap: metafor caps the upper limit of tau2 at 100; ours is not capped.
        near(got.tau2_ci_lower, case.get("tau2_ci_lo"), 1e-6, 1e-9, f"{name} tau2 low")
        near(got.tau2_ci_upper, case.get("tau2_ci_hi"), 1e-6, 1e-9, f"{name} tau2 high")
        near(got.i2_ci_upper, case.get("I2_ci_hi"), 0, 1e-5, f"{name} I2 high")
        if case.get("pi_riley_lo") is not None and case["method"] != "EE":
            riley = pool(data["yi"], data["vi"], case["method"], case["test"], prediction="riley")
            near(riley.pi_lower, case["pi_riley_lo"], 1e-8, 1e-12, f"{name} Riley")
            near(riley.pi_upper, case["pi_riley_hi"], 1e-8, 1e-12, f"{name} Riley")


def test_effect_sizes_of_all_tables() -> None:
    """Trap: ROM without the second-order correction that metafor 5 turned on; SMCR over the SD before."""
    for case in answers("escalc")["tables"]:
        if (case["note"] or {}).get("vtype") == "UB" if isinstance(case["note"], dict) else False:
            raw = case["raw"]
            columns = [np.asarray(raw[c], dtype=float) for c in es.TWO_MEANS]
            y, v = es.standardised_mean_difference(*columns, vtype="UB")
        else:
            y, v = es.effect_sizes(case["measure"], case["raw"])
        for ours, theirs in (*zip(y, case["yi"], strict=True), *zip(v, case["vi"], strict=True)):
            near(float(ours), theirs, 1e-10, 1e-13, case["dataset"])


def test_effect_sizes_of_awkward_cells() -> None:
    for case in answers("escalc")["single"]:
        columns = {name: [value] for name, value in case["args"].items()}
        y, v = es.effect_sizes(case["measure"], columns)
        near(float(y[0]), case["yi"], 1e-10, 1e-12, str(case))
        near(float(v[0]), case["vi"], 1e-10, 1e-12, str(case))


def test_the_ways_back() -> None:
    ways = answers("escalc")["transforms"]
    for name, kind in (("ilogit", "expit"), ("ztor", "tanh"), ("iarcsin", "sin2")):
        for x, y in zip(ways[name]["x"], ways[name]["y"], strict=True):
            near(es.back_transform(kind, x), y, 1e-12)
    for x, n, y in zip(ways["ipft"]["x"], ways["ipft"]["n"], ways["ipft"]["y"], strict=True):
        near(es.back_transform("ipft", x, n), y, 1e-10)
    harmonic = es.harmonic_mean(ways["ipft_hm"]["ni"])
    for x, y in zip(ways["ipft_hm"]["x"], ways["ipft_hm"]["y"], strict=True):
        near(es.back_transform("ipft", x, harmonic), y, 1e-10)


def test_intervals_of_proportions() -> None:
    for case in answers("proportion_ci")["cases"]:
        for ours, theirs in zip(
            conversions.wilson(case["x"], case["n"]), case["wilson"], strict=True
        ):
            near(ours, theirs, 1e-8, 1e-10, str(case))


def test_conversions() -> None:
    said = answers("conversions")
    assert said["fivenum"]
    assert said["wald_stat"]
    assert said["table2x2"]
    names = {"q1": "q1", "q3": "q3", "min": "low", "max": "high"}
    for case in said["fivenum"]:
        given = dict(case["args"])
        n, median = given.pop("n"), given.pop("median")
        got = conversions.mean_sd_of_median(n, median, **{names[k]: v for k, v in given.items()})
        near(got.mean, case["mean"], 1e-8)
        near(got.sd, case["sd"], 1e-8)
    for kind, ratio in (("wald_ratio", True), ("wald_diff", False)):
        assert said[kind]
        for case in said[kind]:
            got_v = conversions.variance_of_interval(
                case["args"]["ci.lb"], case["args"]["ci.ub"], ratio=ratio
            )
            near(got_v, case["vi"], 1e-8)
    for case in said["wald_stat"]:
        out = case["args"]["out"]
        variance = (
            (out / case["args"]["zval"]) ** 2
            if "zval" in case["args"]
            else conversions.variance_of_p(out, case["args"]["pval"])
        )
        near(variance, case["vi"], 1e-8)


def test_leave_one_out_and_cumulative() -> None:
    for case in answers("sensitivity")["cases"]:
        data = sets()[case["dataset"]]
        without = sens.leave_one_out(data["yi"], data["vi"], case["method"], case["test"])
        loo = case["leave1out"]
        for n, got in enumerate(without):
            for field, ours in (
                ("estimate", got.estimate),
                ("se", got.se),
                ("p", got.p),
                ("ci_lo", got.ci_lower),
                ("ci_hi", got.ci_upper),
                ("Q", got.q),
                ("tau2", got.tau2),
            ):
                near(ours, loo[field][n], 1e-8, 1e-12, f"{case['dataset']} without {n} {field}")
            near(got.i2, loo["I2"][n], 0, 1e-6)
        order = [one - 1 for one in case["order"]]
        steps = sens.cumulative(data["yi"], data["vi"], order, case["method"], case["test"])
        for got, want in zip(steps, case["cumulative"], strict=True):
            if got.k == 1 and case["test"] != "z":
                near(got.estimate, want["estimate"], 1e-8)
                continue
            for field, ours in (
                ("estimate", got.estimate),
                ("se", got.se),
                ("ci_lo", got.ci_lower),
                ("ci_hi", got.ci_upper),
                ("tau2", got.tau2),
                ("Q", got.q),
            ):
                near(ours, want[field], 1e-8, 1e-12, f"{case['dataset']} {field}")


def test_influence() -> None:
    for case in answers("influence")["cases"]:
        data = sets()[case["dataset"]]
        for n, got in enumerate(sens.influence(data["yi"], data["vi"], case["method"])):
            for field, ours in (
                ("rstudent", got.rstudent),
                ("dffits", got.dffits),
                ("cook_d", got.cook),
                ("cov_r", got.cov_ratio),
                ("tau2_del", got.tau2_without),
                ("QE_del", got.q_without),
                ("hat", got.hat),
                ("weight", got.weight),
                ("dfbs", got.dfbeta),
                ("blup", got.blup),
                ("blup_se", got.blup_se),
            ):
                near(ours, case[field][n], 1e-8, 1e-10, f"{case['dataset']} {field} {n}")


def test_small_study_effects() -> None:
    """Trap: Begg's P is exact without ties; trim-and-fill refits at metafor's loose threshold."""
    cases = answers("bias")["cases"]
    assert cases
    for case in cases:
        data = sets()[case["dataset"]]
        y, v = data["yi"], data["vi"]
        got = sens.egger(y, v)
        near(got.statistic, case["egger"]["t"], 1e-8)
        near(got.p, case["egger"]["p"], 1e-8)
        near(got.slope, case["egger"]["slope"], 1e-8)
        near(got.limit, case["egger"]["limit"], 1e-8, 1e-10)
        tau, p = sens.begg(y, v)
        near(tau, case["begg"]["tau"], 1e-8)
        near(p, case["begg"]["p"], 1e-8)
        for estimator in ("L0", "R0"):
            want = case[f"trimfill_{estimator}"]
            trimmed = sens.trim_and_fill(y, v, estimator=estimator)
            assert (trimmed.k0, trimmed.side) == (want["k0"], want["side"]), case["dataset"]
            near(trimmed.pooled.estimate, want["estimate"], 1e-4)
            near(trimmed.pooled.se, want["se"], 1e-4)


def _design(case: Any) -> tuple[list[list[float]], list[list[float]]]:
    levels = case["levels"]
    apart = [[float(one == level) for level in levels] for one in case["x"]]
    treated = [[1.0, *(float(one == level) for level in levels[1:])] for one in case["x"]]
    return apart, treated


def test_meta_regression_and_subgroups() -> None:
    cases = answers("moderators")["cases"]
    assert {case["model"].partition(" (")[2] for case in cases} == {
        "",
        "common tau2)",
        "separate tau2)",
    }
    for case in cases:
        data = sets()[case["dataset"]]
        y, v = data["yi"], data["vi"]
        name = f"{case['model']} {case['method']} {case['test']}"
        if case["model"] == "ablat":
            rows = [[1.0, float(x)] for x in case["x"]]
            got = regress(y, v, rows, case["method"], case["test"])
            for field, ours in (
                ("beta", got.beta),
                ("se", got.se),
                ("p", got.p),
                ("ci_lo", got.ci_lower),
                ("ci_hi", got.ci_upper),
            ):
                for one, theirs in zip(ours, case[field], strict=True):
                    near(one, theirs, 1e-8, 1e-12, f"{name} {field}")
            for field, value in (
                ("tau2", got.tau2),
                ("QE", got.qe),
                ("QEp", got.qe_p),
                ("QM", got.qm),
                ("QMp", got.qm_p),
                ("H2", got.h2),
            ):
                near(value, case[field], 1e-8, 1e-12, f"{name} {field}")
            near(got.i2, case["I2"], 0, 1e-6)
            near(got.r2, case["R2"], 0, 1e-5, f"{name} R2")
        elif "common" in case["model"]:
            apart, treated = _design(case)
            got = regress(y, v, apart, case["method"], case["test"])
            for one, theirs in (
                *zip(got.beta, case["beta"], strict=True),
                *zip(got.se, case["se"], strict=True),
            ):
                near(one, theirs, 1e-8, 1e-12, name)
            between = regress(y, v, treated, case["method"], case["test"])
            near(between.qm, case["QM_between"], 1e-8, 0, name)
            near(between.qm_p, case["QM_between_p"], 1e-8, 0, name)
        else:
            groups = subgroups(y, v, case["x"], case["method"], case["test"])
            assert len(groups.groups) > 1
            for (level, got_), want in zip(groups.groups, case["groups"], strict=True):
                assert level == want["level"]
                near(got_.estimate, want["estimate"], 1e-8)
                near(got_.ci_lower, want["ci_lo"], 1e-8)
                near(got_.tau2, want["tau2"], 1e-8, 1e-12)
            near(groups.q_between, case["Q_between"], 1e-8)
            near(groups.p, case["Q_between_p"], 1e-8)


def test_mantel_haenszel_and_peto() -> None:
    """Trap: Peto pooling adds no half to a cell, Peto's effect size of one study does."""
    for case in answers("mh_peto")["cases"]:
        raw = sets()[case["table"]]["raw"]
        cells = (raw["ai"], raw["bi"], raw["ci"], raw["di"])
        got = (
            peto(*cells)
            if case["method"] == "Peto"
            else mantel_haenszel(*cells, measure=case["measure"])
        )
        name = f"{case['table']} {case['method']} {case['measure']}"
        for field, ours in (
            ("estimate", got.estimate),
            ("se", got.se),
            ("ci_lo", got.ci_lower),
            ("ci_hi", got.ci_upper),
            ("Q", got.q),
            ("Q_p", got.q_p),
        ):
            near(ours, case[field], 1e-8, 1e-12, f"{name} {field}")
        near(got.i2, case["I2"], 0, 1e-6, name)


def glmm_cases() -> Iterator[Any]:
    yield from answers("glmm_proportion")["cases"]


@pytest.mark.parametrize("case", list(glmm_cases()), ids=lambda c: f"{c['dataset']}-{c['nAGQ']}")
def test_binomial_normal_model(case: Any) -> None:
    got = binomial_normal(case["xi"], case["ni"], test="z", nodes=case["nAGQ"])
    if case["nAGQ"] == 1:  # lme4 stops before Laplace's optimum: ours is at least as likely
        near(got.estimate, case["estimate"], 0, 1e-3)
        x, n = (np.asarray(case[name], dtype=float) for name in ("xi", "ni"))
        theirs = _log_likelihood(case["estimate"], math.sqrt(case["tau2"]), x, n, 1)
        assert got.log_likelihood >= theirs - 1e-9
        return
    near(got.estimate, case["estimate"], 0, 5e-4)
    near(got.tau2, case["tau2"], 1e-3, 1e-4)
    near(got.se, case["se"], 2e-3, 1e-4)


def test_chi_square_at_its_ends() -> None:
    assert chi2_above(0.0, 0) == 1.0
    assert chi2_above(0.0, 3) == 1.0
