"""``python -m review``."""

from review.cli import run

run()
