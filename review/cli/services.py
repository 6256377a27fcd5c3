"""Which services a review asks: the real ones, or its own world where it is fictional."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from review.ground.errors import UsageError

if TYPE_CHECKING:
    from review.files.store import Store

WORLD = "world"
"""A folder beside the protocol of a fictional review: dated PubMed XML, full texts, trials."""


@contextmanager
def services(store: Store, day: str) -> Iterator[None]:
    """Within this block a fictional review asks its own world as of a day, and nobody else.

    Where the process is offline already, as the tests are, that world stays.

    :raises UsageError: where a fictional review has no world, or none on that day
    """
    if not store.protocol.fictional:
        yield
        return
    from review.offline.redirect import offline, redirected

    if offline():
        yield
        return
    from review.offline.server import OfflineServer, served

    try:
        service = served(store.root / WORLD, day)
    except ValueError as error:
        raise UsageError(f"{store.root}: the review is fictional, and {error}") from None
    with OfflineServer(service) as server, redirected(server.port):
        yield
