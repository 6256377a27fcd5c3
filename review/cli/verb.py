"""What a verb adds its options to."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from review.ground.printable import printable_line


class Parser(argparse.ArgumentParser):
    """A parser whose messages a terminal may print, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        super().error(printable_line(message))


Verb = Callable[[str, str], Parser]
"""Makes a verb's parser of its name and what it does."""
