"""``review pool``: a meta-analysis of any CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from review.cli.verb import Answer, CommonOptions, Verb


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    file: Path
    measure: str
    method: str
    test: str
    level: float
    by: str | None
    moderator: Sequence[str]
    prediction: str
    sensitivity: bool
    plot: Path | None
    funnel: Path | None


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("pool", "a meta-analysis of any CSV file")
    one.add_argument("file", type=Path, metavar="FILE.csv")
    one.add_argument(
        "--measure", required=True, metavar="M", help="OR RR RD MD SMD ROM PLO … or GEN"
    )
    one.add_argument("--method", default="REML", metavar="NAME", help="REML DL PM … MH PETO GLMM")
    one.add_argument("--test", default="knha", choices=["z", "knha", "adhoc"], help="interval")
    one.add_argument("--level", type=float, default=0.95, metavar="SHARE", help="of intervals")
    one.add_argument("--by", metavar="COLUMN", help="subgroups by this column, and a test between")
    one.add_argument(
        "--moderator", action="append", default=[], metavar="COLUMN", help="meta-regression on it"
    )
    one.add_argument(
        "--prediction", default="k-1", choices=["k-1", "riley"], help="degrees of freedom"
    )
    one.add_argument(
        "--sensitivity",
        action="store_true",
        help="leave-one-out, cumulative, influence, small studies",
    )
    one.add_argument("--plot", type=Path, metavar="OUT.svg", help="write a forest plot")
    one.add_argument("--funnel", type=Path, metavar="OUT.svg", help="write a funnel plot")


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.files.outputs import whole, writable
    from review.pooling.analysis import analyse
    from review.pooling.choices import Choices, method_name
    from review.pooling.pictures import forest_of_file, funnel_of_file
    from review.pooling.sheet import read_sheet

    writable({"plot": options.plot, "funnel": options.funnel}, [options.file])
    how = Choices(
        options.measure.upper(),
        method_name(options.method),
        options.test,
        options.level,
        options.prediction,
        options.sensitivity,
        options.by,
        tuple(options.moderator),
    )
    sheet = read_sheet(options.file, how.measure)
    pooled = analyse(sheet, how)
    for path, draw in ((options.plot, forest_of_file), (options.funnel, funnel_of_file)):
        if path is not None:
            picture = draw(pooled, sheet)
            with whole(path) as out:
                out.write(picture)
    return Answer(pooled, _lines(pooled, options))


def _lines(pooled: dict[str, Any], options: Options) -> Iterator[str]:
    share = f"{100 * options.level:g} %"
    yield f"{pooled['measure']}, {pooled['method']}, {pooled['test']}: {pooled['k']} studies"
    yield from _estimate(pooled, share)
    yield from _heterogeneity(pooled, share)
    if "subgroups" in pooled:
        yield from _subgroups(pooled["subgroups"])
    if "moderators" in pooled:
        yield from _coefficients(pooled["moderators"])
    yield from (f"  note: {note}" for note in pooled["notes"])
    if options.sensitivity:
        yield "  leave-one-out, cumulative, influence and small-study figures: --json"


def _estimate(pooled: dict[str, Any], share: str) -> Iterator[str]:
    from review.ground.numbers import interval, number, p_value

    yield f"  estimate {number(pooled['estimate'], 4)}  ({share} CI {_between(pooled, 'ci')})"
    back = pooled["back_transformed"]
    if back["by"] != "none":
        shown = interval(back["ci_lower"], back["ci_upper"], 3)
        middle = number(back["estimate"], 3)
        yield f"  as readers know it {middle}  ({share} CI {shown}; {back['by']})"
    if pooled["pi_lower"] is not None:
        yield f"  {share} prediction interval {_between(pooled, 'pi')}"
    if pooled["p"] is not None:
        yield f"  P {p_value(pooled['p'])}"


def _heterogeneity(pooled: dict[str, Any], share: str) -> Iterator[str]:
    from review.ground.numbers import number, p_value

    if pooled["tau2"] is not None:
        between = _between(pooled, "tau2_ci")
        yield f"  tau² {number(pooled['tau2'], 4)}  ({share} CI {between})"
    if pooled["I2"] is not None:
        yield f"  I² {number(pooled['I2'], 1)} %"
    if pooled["Q"] is not None:
        yield f"  Q {number(pooled['Q'], 2)} on {pooled['Q_df']}, P {p_value(pooled['Q_p'])}"


def _subgroups(groups: dict[str, Any]) -> Iterator[str]:
    from review.ground.numbers import number, p_value

    for name, one in groups["groups"].items():
        estimate = number(one["estimate"], 4)
        yield f"  {groups['by']} {name}: {estimate} ({_between(one, 'ci')}), k {one['k']}"
    if groups["Q_between_p"] is None:
        yield "  between groups: not tested, a group's studies agree exactly"
    else:
        yield (
            f"  between groups: Q {number(groups['Q_between'], 2)} on "
            f"{groups['Q_between_df']}, P {p_value(groups['Q_between_p'])}"
        )


def _coefficients(moderators: dict[str, Any]) -> Iterator[str]:
    from review.ground.numbers import number, p_value

    for name, one in moderators["coefficients"].items():
        estimate = number(one["estimate"], 4)
        yield f"  {name}: {estimate} ({_between(one, 'ci')}), P {p_value(one['p'])}"


def _between(figures: dict[str, Any], name: str) -> str:
    from review.ground.numbers import interval

    return interval(figures.get(f"{name}_lower"), figures.get(f"{name}_upper"), 4)
