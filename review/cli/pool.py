"""``review pool``: a meta-analysis of any CSV file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from review.cli.say import print_json, say
from review.cli.verb import Verb


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


def run(arguments: argparse.Namespace, _day: str) -> int:
    """Run the verb; its exit code."""
    from review.files.outputs import whole, writable
    from review.ground.numbers import interval, number, p_value
    from review.pooling.analysis import analyse
    from review.pooling.choices import Choices, method_name
    from review.pooling.pictures import forest_of_file, funnel_of_file
    from review.pooling.sheet import read_sheet

    writable({"plot": arguments.plot, "funnel": arguments.funnel}, [arguments.file])
    how = Choices(
        arguments.measure.upper(),
        method_name(arguments.method),
        arguments.test,
        arguments.level,
        arguments.prediction,
        arguments.sensitivity,
        arguments.by,
        tuple(arguments.moderator),
    )
    sheet = read_sheet(arguments.file, how.measure)
    found = analyse(sheet, how)
    for path, draw in ((arguments.plot, forest_of_file), (arguments.funnel, funnel_of_file)):
        if path is not None:
            picture = draw(found, sheet)
            with whole(path) as out:
                out.write(picture)
    if arguments.json:
        print_json(found)
        return 0
    share = f"{100 * arguments.level:g} %"
    say(f"{found['measure']}, {found['method']}, {found['test']}: {found['k']} studies")
    say(f"  estimate {number(found['estimate'], 4)}  ({share} CI {_between(found, 'ci')})")
    back = found["back_transformed"]
    if back["by"] != "none":
        shown = interval(back["ci_lower"], back["ci_upper"], 3)
        middle = number(back["estimate"], 3)
        say(f"  as readers know it {middle}  ({share} CI {shown}; {back['by']})")
    if found["pi_lower"] is not None:
        say(f"  {share} prediction interval {_between(found, 'pi')}")
    if found["p"] is not None:
        say(f"  P {p_value(found['p'])}")
    if found["tau2"] is not None:
        say(f"  tau² {number(found['tau2'], 4)}  ({share} CI {_between(found, 'tau2_ci')})")
    if found["I2"] is not None:
        say(f"  I² {number(found['I2'], 1)} %")
    if found["Q"] is not None:
        say(f"  Q {number(found['Q'], 2)} on {found['Q_df']}, P {p_value(found['Q_p'])}")
    _say_groups(found)
    for note in found["notes"]:
        say(f"  note: {note}")
    if arguments.sensitivity:
        say("  leave-one-out, cumulative, influence and small-study figures: --json")
    return 0


def _say_groups(found: dict[str, Any]) -> None:
    """Subgroups and coefficients of ``review pool``, a line each."""
    from review.ground.numbers import interval, number, p_value

    if "subgroups" in found:
        groups = found["subgroups"]
        for name, one in groups["groups"].items():
            between = interval(one["ci_lower"], one["ci_upper"], 4)
            say(f"  {groups['by']} {name}: {number(one['estimate'], 4)} ({between}), k {one['k']}")
        if groups["Q_between_p"] is None:
            say("  between groups: not tested, a group's studies agree exactly")
        else:
            say(
                f"  between groups: Q {number(groups['Q_between'], 2)} on "
                f"{groups['Q_between_df']}, P {p_value(groups['Q_between_p'])}"
            )
    if "moderators" in found:
        for name, one in found["moderators"]["coefficients"].items():
            between = interval(one["ci_lower"], one["ci_upper"], 4)
            say(f"  {name}: {number(one['estimate'], 4)} ({between}), P {p_value(one['p'])}")


def _between(found: dict[str, Any], name: str) -> str:
    from review.ground.numbers import interval

    return interval(found.get(f"{name}_lower"), found.get(f"{name}_upper"), 4)
