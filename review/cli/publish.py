"""``review publish``: build the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb
from review.ground.errors import UsageError


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    out: Path | None
    notice_waits: str | None


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("publish", "build the site")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="build folder (default: build/ of the review)"
    )
    one.add_argument(
        "--notice-waits",
        metavar="DATE",
        help="say in the banner that a notice of this day waits to be merged",
    )


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.publishing.publish import publish

    store = open_store(options.root)
    out = options.out or store.root / "build"
    site = publish(store, out, notice_waits=_checked(options.notice_waits))
    return Answer({"site": str(site)}, [f"site: {site}/index.html"])


def _checked(typed: str | None) -> str | None:
    if typed is None:
        return None
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        raise UsageError(f"--notice-waits {typed}: expected a day as 2026-10-01") from None
