"""The command line: one file a verb, with its options (``add``) and what it does (``run``)."""

from review.cli.entry import main, run

__all__ = ["main", "run"]
