"""Pooling by its properties, at its edges, and against published anchors; no benchmark data needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.ground.errors import UsageError
from review.statistics.conversions import (
    mean_sd_of_median,
    variance_of_interval,
    variance_of_p,
    wilson,
)
from review.statistics.effect_sizes import MEASURES, back_transform, effect_sizes, exact_j
from review.statistics.glmm import binomial_normal
from review.statistics.pool import TESTS, Pooled, pool, subgroups
from review.statistics.regression import regress
from review.statistics.sensitivity import (
    begg,
    cumulative,
    egger,
    influence,
    kendall,
    leave_one_out,
    trim_and_fill,
)
from review.statistics.tau2 import METHODS
from review.statistics.two_by_two import mantel_haenszel, peto

BCG = (
    *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619)),
    *((33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892)),
    *((29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338)),
    (27, 16886, 29, 17825),
)
"""BCG vaccine against tuberculosis, thirteen trials (Colditz 1994, JAMA 271:698)."""

effect = st.floats(-5, 5).map(lambda x: round(x, 3))
variance = st.floats(0.01, 4).map(lambda x: round(x, 3))
Studies = list[tuple[float, float]]
studies = st.lists(st.tuples(effect, variance), min_size=2, max_size=9)
methods = st.sampled_from(METHODS)
tests = st.sampled_from(TESTS)


def fit(rows: Sequence[tuple[float, float]], method: str = "REML", test: str = "z") -> Pooled:
    return pool([y for y, _ in rows], [v for _, v in rows], method, test)


def near(a: float | None, b: float | None, tolerance: float = 1e-7) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)


@given(studies, methods, tests, st.floats(-3, 3))
def test_a_constant_added_to_all_effects_is_added_to_the_estimate(
    rows: Studies, method: str, test: str, shift: float
) -> None:
    before, after = fit(rows, method, test), fit([(y + shift, v) for y, v in rows], method, test)
    assert near(after.estimate, before.estimate + shift, 1e-6)
    assert near(after.tau2, before.tau2, 1e-5)
    assert near(after.se, before.se, 1e-5)


@given(studies, methods, tests, st.floats(0.1, 20))
def test_another_unit_changes_everything_by_its_power(
    rows: Studies, method: str, test: str, unit: float
) -> None:
    before = fit(rows, method, test)
    after = fit([(unit * y, unit**2 * v) for y, v in rows], method, test)
    assert near(after.estimate, unit * before.estimate, 1e-6)
    assert near(after.tau2 / unit**2, before.tau2, 1e-5)
    assert near(after.i2, before.i2, 1e-3)


@given(studies, methods, tests, st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(
    rows: Studies, method: str, test: str, seed: Any
) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)
    before, after = fit(rows, method, test), fit(shuffled, method, test)
    for name in ("estimate", "se", "tau2", "q", "ci_lower", "ci_upper"):
        assert near(getattr(before, name), getattr(after, name), 1e-6)


@given(studies)
def test_every_study_twice_leaves_a_common_effect_and_halves_its_variance(rows: Studies) -> None:
    once, twice = fit(rows, "EE"), fit([*rows, *rows], "EE")
    assert near(once.estimate, twice.estimate)
    assert near(once.se**2, 2 * twice.se**2)
    assert near(2 * once.q, twice.q)


@given(studies, methods, tests)
def test_intervals_hold_the_estimate_and_predictions_hold_the_interval(
    rows: Studies, method: str, test: str
) -> None:
    one = fit(rows, method, test)
    assert one.ci_lower <= one.estimate <= one.ci_upper
    assert one.tau2 >= 0
    assert math.isclose(sum(one.weights), 100)
    numbers = [v for v in vars(one).values() if isinstance(v, float)]
    assert not any(map(math.isnan, numbers))
    if one.pi_lower is not None and one.pi_upper is not None:
        assert one.pi_lower <= one.ci_lower + 1e-9
        assert one.ci_upper <= one.pi_upper + 1e-9
    assert one.tau2_ci_lower is not None
    assert one.tau2_ci_upper is not None
    assert one.tau2_ci_lower <= one.tau2_ci_upper


@given(studies, methods, tests)
def test_the_last_step_of_a_cumulative_analysis_is_the_whole(
    rows: Studies, method: str, test: str
) -> None:
    y, v = [y for y, _ in rows], [v for _, v in rows]
    steps = cumulative(y, v, list(range(len(y)))[::-1], method, test)
    whole = pool(y, v, method, test)
    assert near(steps[-1].estimate, whole.estimate, 1e-6)
    assert near(steps[-1].tau2, whole.tau2, 1e-5)
    assert near(steps[0].estimate, y[-1])


@given(st.tuples(effect, variance), st.tuples(effect, variance))
def test_of_two_studies_each_is_what_is_left_without_the_other(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    without = leave_one_out([one[0], other[0]], [one[1], other[1]])
    assert near(without[0].estimate, other[0])
    assert near(without[1].estimate, one[0])
    assert near(without[0].se, math.sqrt(other[1]))


@given(studies)
def test_hat_values_add_up_and_influence_is_finite(rows: Studies) -> None:
    found = influence([y for y, _ in rows], [v for _, v in rows])
    assert math.isclose(sum(one.hat for one in found), 1)
    assert all(math.isfinite(one.cook) and one.cook >= 0 for one in found)


def test_published_anchors_of_the_bcg_trials() -> None:
    """Viechtbauer's package page: log risk ratio, REML with Knapp and Hartung."""
    y, v = effect_sizes(
        "RR", dict(zip(("ai", "bi", "ci", "di"), zip(*BCG, strict=True), strict=True))
    )
    one = pool(y.tolist(), v.tolist(), "REML", "knha")
    shown = (one.estimate, one.se, one.ci_lower, one.ci_upper, one.q, one.h2)
    assert tuple(round(x, 4) for x in shown) == (
        -0.7145,
        0.1808,
        -1.1084,
        -0.3206,
        152.2330,
        12.8558,
    )
    assert round(one.statistic, 4) == -3.9522
    assert round(one.p, 4) == 0.0019
    dl = pool(y.tolist(), v.tolist(), "DL", "z")
    assert round(dl.tau2, 4) == 0.3088


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([1.0], [0.5]),
        ([1.0, 1.0], [0.5, 0.5]),
        ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]),
        ([1.0, -1.0], [1e-6, 1e-6]),
        ([1e6, -1e6, 3.0], [1e-3, 1e-3, 1e-3]),
        ([0.1, 0.2, 0.3], [1e12, 1e12, 1e12]),
        ([0.0, 1.0, 2.0, 3.0], [1e-17, 1.0, 2.0, 3.0]),
    ],
)
def test_at_the_edges_there_are_right_answers_and_no_nan(
    yi: list[float], vi: list[float], method: str, test: str
) -> None:
    one = pool(yi, vi, method, test)
    assert not any(math.isnan(x) for x in vars(one).values() if isinstance(x, float))
    assert min(yi) - 1e-9 <= one.estimate <= max(yi) + 1e-9
    if len(yi) == 1:
        assert (one.method, one.test, one.q, one.q_p, one.h2) == ("EE", "z", 0.0, 1.0, 1.0)
        assert one.pi_lower is None


def test_the_interval_of_tau2_is_not_capped() -> None:
    one = pool([0.0, 40.0], [1.0, 1.0], "REML", "z")
    assert one.tau2_ci_upper is not None
    assert one.tau2_ci_upper > 100_000


def test_what_can_not_be_pooled_is_one_sentence() -> None:
    for yi, vi in (
        ([1.0], [0.0]),
        ([1.0], [-1.0]),
        ([], []),
        ([1.0, 2.0], [1.0]),
        ([math.nan], [1.0]),
    ):
        with pytest.raises(UsageError):
            pool(yi, vi)
    for yi, vi in (([1e200, 1.0], [1.0, 1.0]), ([1.0, 2.0], [1e-200, 1.0])):
        with pytest.raises(UsageError, match="expected sizes"):
            pool(yi, vi)


def test_groups_and_lines() -> None:
    yi, vi = [0.1, 0.2, 1.1, 1.2, 1.3], [0.02, 0.03, 0.02, 0.04, 0.03]
    found = subgroups(yi, vi, ["a", "a", "b", "b", "b"], "REML", "z")
    assert [name for name, _ in found.groups] == ["a", "b"]
    assert found.p is not None
    assert found.p < 0.001
    alike = subgroups([1.0, 1.0, 2.0, 2.0], [0.01] * 4, "aabb")
    assert alike.p is None, "no error in either group: nothing can be tested"
    line = regress(yi, vi, [[1.0, float(n)] for n in range(5)], "REML", "z")
    assert line.beta[1] > 0
    with pytest.raises(UsageError, match="repeat each other"):
        regress(yi, vi, [[1.0, 2.0]] * 5)


def test_tables_without_weights_of_their_own() -> None:
    a, b, c, d = zip(*BCG, strict=True)
    for measure in ("OR", "RR", "RD"):
        one = mantel_haenszel(a, b, c, d, measure)
        assert one.k == 13
        assert one.ci_lower < one.estimate < one.ci_upper < 0
        assert math.isclose(sum(one.weights), 100)
    lone = mantel_haenszel([24, 38], [1, 0], [21, 32], [0, 0], "RR")
    assert lone.q == 0.0, "one study has something to compare: nothing to be heterogeneous with"
    none = peto([0, 0], [10, 10], [0, 1], [10, 9])
    assert (none.k, none.informative) == (2, 1)
    with pytest.raises(UsageError):
        peto([0, 0], [10, 10], [0, 0], [10, 10])
    with pytest.raises(UsageError):
        mantel_haenszel([0, 0], [10, 10], [0, 0], [10, 10], "OR")


def test_the_binomial_normal_model_where_newton_alone_does_not_settle() -> None:
    one = binomial_normal([0, 2, 58, 3, 2, 1, 54, 33], [178, 54, 167, 76, 77, 32, 60, 79])
    assert near(one.estimate, -2.41591, 1e-5)
    assert near(one.se, 0.96424, 1e-4)
    same = binomial_normal([30, 30, 30], [100, 100, 100])
    assert near(same.estimate, math.log(0.3 / 0.7), 1e-6)
    assert same.tau2 == 0.0
    with pytest.raises(UsageError):
        binomial_normal([0, 0], [10, 12])


@pytest.mark.parametrize("measure", sorted(set(MEASURES) - {"GEN"}))
def test_every_measure_gives_a_finite_effect_and_comes_back(measure: str) -> None:
    values = {
        "ai": [4.0],
        "bi": [16.0],
        "ci": [8.0],
        "di": [12.0],
        "m1i": [5.0],
        "sd1i": [1.0],
        "n1i": [20.0],
        "m2i": [4.0],
        "sd2i": [1.5],
        "n2i": [22.0],
        "ni": [40.0],
        "ri": [0.4],
        "xi": [9.0],
        "ti": [120.0],
        "mi": [5.0],
        "sdi": [1.0],
        "x1i": [9.0],
        "t1i": [100.0],
        "x2i": [4.0],
        "t2i": [90.0],
    }
    y, v = effect_sizes(measure, values)
    assert np.isfinite(y).all()
    assert (v > 0).all()
    size = {"ipft": 40.0, "irft": 120.0}.get(MEASURES[measure].back)
    back = back_transform(MEASURES[measure].back, float(y[0]), size)
    expected = {
        "PR": 0.225,
        "PLN": 0.225,
        "PLO": 0.225,
        "PAS": 0.225,
        "PFT": 0.225,
        "IRLN": 0.075,
        "IRFT": 0.075,
        "OR": 0.375,
        "RR": 0.5,
        "ZCOR": 0.4,
        "IRR": 2.025,
    }
    if measure in expected:
        assert near(back, expected[measure], 2e-2 if measure in ("PFT", "IRFT") else 1e-9)


@given(st.integers(0, 40), st.integers(1, 40))
def test_intervals_of_a_share_hold_it(events: int, more: int) -> None:
    total = events + more
    low, high = wilson(events, total)
    assert 0 <= low <= events / total <= high <= 1


def test_zero_cells_get_a_half_and_only_they() -> None:
    y, _ = effect_sizes("OR", {"ai": [0, 4], "bi": [10, 6], "ci": [3, 3], "di": [7, 7]})
    assert near(float(y[0]), math.log(0.5 * 7.5 / (10.5 * 3.5)))
    assert near(float(y[1]), math.log(4 * 7 / (6 * 3)))


def test_conversions_and_what_they_refuse() -> None:
    assert near(variance_of_interval(0.5, 2.0, ratio=True), (math.log(4) / 3.91993) ** 2, 1e-4)
    assert near(variance_of_p(1.96, 0.05), 1.0, 1e-4)
    made = mean_sd_of_median(100, 5.0, q1=4.0, q3=6.0)
    assert near(made.mean, 5.0)
    assert 1.4 < made.sd < 1.6
    assert near(float(exact_j(np.array([10.0]))[0]), 0.9228, 1e-3)
    for refused in (
        lambda: variance_of_p(0.3, 1.0),
        lambda: variance_of_p(0.3, 1.5),
        lambda: variance_of_interval(2.0, 0.5),
        lambda: variance_of_interval(0.0, 2.0, ratio=True),
        lambda: mean_sd_of_median(1, 5.0, q1=4.0, q3=6.0),
        lambda: mean_sd_of_median(20, 5.0, q1=6.0, q3=4.0),
        lambda: mean_sd_of_median(20, 5.0),
        lambda: wilson(3, 2),
        lambda: wilson(0, 0),
    ):
        with pytest.raises(UsageError):
            refused()


def test_small_studies_and_where_they_tell_nothing() -> None:
    yi, vi = [0.1 * n for n in range(12)], [0.01 * (n + 1) for n in range(12)]
    assert egger(yi, vi).p < 0.001
    assert begg(yi, vi)[0] == 1.0
    filled = trim_and_fill(yi, vi)
    assert filled.k0 > 0
    assert filled.pooled.estimate < pool(yi, vi).estimate
    for refused in (lambda: egger(yi, [0.04] * 12), lambda: trim_and_fill(yi, [0.04] * 12)):
        with pytest.raises(UsageError, match="all standard errors are the same"):
            refused()
    with pytest.raises(UsageError, match="fewer than three"):
        egger([1.0, 2.0], [1.0, 2.0])


def test_the_exact_distribution_of_kendall_in_small_orders() -> None:
    """Of 24 orders of four, one has all pairs concordant and one none: P = 2/24."""
    assert kendall([1, 2, 3, 4], [1, 2, 3, 4]) == (1.0, 2 / 24)
    tau, p = kendall([1, 2, 3, 4], [2, 1, 3, 4])
    assert near(tau, 4 / 6)
    assert near(p, 2 * (1 + 3) / 24)


def test_a_common_effect_line_keeps_its_heterogeneity() -> None:
    yi = [0.0, 1.0, 0.5, -1.0, 2.0, 1.5, 0.2, 0.9]
    line = regress(yi, [0.05] * 8, [[1.0, float(n * n)] for n in range(8)], "EE", "z")
    assert near(line.i2, 100 * (line.qe - 6) / line.qe)
    assert near(line.h2, line.qe / 6)


def test_a_fit_that_only_goes_on_rising_is_none() -> None:
    with pytest.raises(UsageError, match="too far apart"):
        binomial_normal([0, 50], [50, 50])
    assert binomial_normal([3], [10]).pi_lower is None
    assert binomial_normal([0, 0, 1], [1, 1, 1]).se < 5


def test_what_comes_back_rises_with_what_goes_in() -> None:
    for kind in ("ipft", "irft"):
        back = [back_transform(kind, y) for y in (0.2, 0.8, 1.4, 1.7)]
        assert back == sorted(back)


def test_one_study_that_outweighs_all_has_no_rank() -> None:
    with pytest.raises(UsageError, match="outweighs"):
        begg([0.3, *(0.1 * n for n in range(10))], [1e-17, *(0.5 + 0.01 * n for n in range(10))])
