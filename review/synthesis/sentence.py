"""What a synthesis says in one sentence."""

from __future__ import annotations

from review.ground.numbers import number, p_value, percent
from review.synthesis.scale import axis_of, back
from review.synthesis.synthesise import Synthesis
from review.synthesis.words import WORDS


def sentence_of(synthesis: Synthesis, language: str) -> str:
    """What a synthesis says in one sentence, in the plot's own figures."""
    if synthesis.pooled is None:
        return synthesis.why_not[language] if synthesis.why_not else ""
    words, pooled = WORDS[language], synthesis.pooled
    axis = axis_of(synthesis, words)
    middle = axis.shown(back(synthesis, pooled.estimate))
    between = axis.between(back(synthesis, pooled.ci_lower), back(synthesis, pooled.ci_upper))
    mark = f"{words['unverified']}: " if synthesis.unverified else ""
    parts = [f"{mark}{middle} (95 % CI {between})"]
    if pooled.pi_lower is not None:
        between = axis.between(back(synthesis, pooled.pi_lower), back(synthesis, pooled.pi_upper))
        parts.append(f"{words['prediction'].lower()} {between}")
    parts.append(f"tau² {number(pooled.tau2, 3)}, I² {number(pooled.i2, 0)} %, k = {pooled.k}")
    if synthesis.measure == "PLO":
        parts.append(words["middle"])
    else:
        parts.append(f"P {p_value(pooled.p)}")
    if synthesis.by_glmm is not None:
        parts.append(f"binomial-normal model {percent(synthesis.by_glmm[0])}")
    return "; ".join(parts)
