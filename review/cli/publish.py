"""``review publish``: build the site."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions, Verb


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    out: Path | None


def add(verb: Verb) -> None:
    """The verb's options."""
    one = verb("publish", "build the site")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="build folder (default: build/ of the review)"
    )


def run(options: Options, _day: str) -> Answer:
    """Do what was asked, and tell it."""
    from review.publishing.publish import publish

    store = open_store(options.root)
    site = publish(store, options.out or store.root / "build")
    return Answer({"site": str(site)}, [f"site: {site}/index.html"])
