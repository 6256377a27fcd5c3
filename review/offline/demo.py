"""``python -m review.offline.demo``: where the demonstration was; it is :mod:`review.demo` now."""

from __future__ import annotations

import sys

from review.demo import main

if __name__ == "__main__":
    sys.exit(main())
