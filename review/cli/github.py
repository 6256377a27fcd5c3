"""What GitHub's workflow is told of an update, where it asks by its variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from review.update.report import UpdateReport


def tell_github(report: UpdateReport) -> None:
    """Write GitHub's step summary and outputs, where their variables are set."""
    from review.update.report import markdown

    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(markdown(report) + "\n")
    if outputs := os.environ.get("GITHUB_OUTPUT"):
        with Path(outputs).open("a", encoding="utf-8") as file:
            file.write(f"exit={int(report.exit)}\n")
            file.write(f"candidates={len(report.candidates)}\n")
            file.write(f"notices={sum(n.included for n in report.notices)}\n")
            file.write(f"complete={str(not any(s.error for s in report.sources)).lower()}\n")
