"""How far reviewers agree at each stage of selection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from review.model.screening import Decision, Stage


@dataclass(frozen=True)
class Agreement:
    """Two reviewers' agreement at one stage."""

    reviewers: tuple[str, str]
    stage: Stage
    both: int
    agreed: int
    kappa: float | None


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of paired labels; None where it is not defined.

    Source: Cohen J. Educ Psychol Meas 1960;20:37-46, equation 1.
    """
    n = len(pairs)
    if not n:
        return None
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[label] * second[label] for label in first) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def agreements(
    decisions: Mapping[str, Mapping[tuple[str, Stage], Decision]],
) -> Iterator[Agreement]:
    """Agreement of each two reviewers at each stage, on what both decided.

    :param decisions: each reviewer's decisions in force by record and stage
    """
    reviewers = sorted(decisions)
    for i, one in enumerate(reviewers):
        for two in reviewers[i + 1 :]:
            first, second = decisions[one], decisions[two]
            for stage in Stage:
                pairs = [
                    (str(first[key].decision), str(second[key].decision))
                    for key in sorted(first)
                    if key in second and key[1] is stage
                ]
                if pairs:
                    same = sum(a == b for a, b in pairs)
                    yield Agreement((one, two), stage, len(pairs), same, cohen_kappa(pairs))
