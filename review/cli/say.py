"""What is printed, on a terminal or for machines."""

from __future__ import annotations

import json
import sys
from typing import TextIO

from review.ground.printable import printable_json, printable_line


def say(text: object = "", *, file: TextIO | None = None) -> None:
    """Print lines; what a terminal would obey in them is left out."""
    lines = (printable_line(line) for line in str(text).split("\n"))
    print("\n".join(lines), file=file or sys.stdout, flush=file is not None)


def print_json(value: object) -> None:
    """One JSON value, in which a terminal finds nothing to obey."""
    print(printable_json(json.dumps(value, ensure_ascii=False, indent=2)))
