"""``review`` as the monthly job calls it, on a day and in a world of the test's choosing.

``OFFLINE_WORLD`` is ``first`` (the demonstration's first month), ``new`` (with a trial that is new),
``second`` (its second month, with a retraction), ``down`` (a server that answers 500) or ``asleep``
(an answer that never comes). Only ``update`` asks it.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from review import cli

if TYPE_CHECKING:
    from review.offline.world import Snapshot

NEW = "900000032"


def world(name: str) -> Snapshot:
    """What PubMed holds."""
    from review.demo import DEMO, FIRST, SECOND
    from review.offline.world import Snapshot, World

    days = World.folder(DEMO / "world")
    if name != "new":
        return days.as_of(SECOND if name == "second" else FIRST)
    before, after = days.as_of(FIRST), days.as_of(SECOND)
    return Snapshot({**before.xml, NEW: after.xml[NEW]}, {**before.index, NEW: after.index[NEW]})


def main() -> int:
    """Run a verb."""
    name, real = os.environ["OFFLINE_WORLD"], time.sleep
    with ExitStack() as stack:
        if sys.argv[1] == "update":
            if name == "asleep":
                print("asking PubMed", flush=True)
                real(60)
            from review.offline.server import Fault
            from tests.conftest import Clock, serving

            clock = Clock()
            for one in ("sleep", "monotonic", "time"):
                setattr(time, one, getattr(clock, one))
            faults = [Fault("efetch", 1, "http_500", persistent=True)] if name == "down" else []
            stack.enter_context(serving(world(name), *faults))
        return cli.main(sys.argv[1:], today=os.environ["DAY"])


if __name__ == "__main__":
    sys.exit(main())
