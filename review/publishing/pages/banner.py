"""The banner and footer of every page: which edition, how current, how much is signed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from review.model.record import Retraction
from review.publishing.pages.views import Labels, Site

STATES = ("current", "pending", "in_progress", "overdue", "suspended", "retired", "never")
"""States of a living review; the reader's browser chooses one, since only it knows the day."""


def announcement(site: Site, t: Labels, footers: Sequence[tuple[str, Labels]]) -> dict[str, Any]:
    """The banner and footer of every page."""
    review, library = site.review, site.library
    days, living = review.currency, library.protocol.living
    edition = review.editions[-1] if review.editions else None
    parts = []
    if days.searched_through:
        parts.append(t("searched_through", date=days.searched_through))
    else:
        parts.append(t("never_searched"))
    if days.screened_through:
        parts.append(t("screened_through", date=days.screened_through))
    elif library.looked_at:
        parts.append(t("screened_through.partly", n=library.looked_at))
    else:
        parts.append(t("screened_through.never"))
    through = days.integrated_through
    parts.append(
        t("integrated_through", date=through) if through else t("integrated_through.never")
    )
    parts.append(t("published", date=edition.date) if edition else t("published.never"))
    if days.next_due:
        parts.append(t("next_due", date=days.next_due))
    waiting = library.waiting
    if waiting.screening:
        undone = not library.looked_at and days.searched_through is not None
        parts.append(t("baseline" if undone else "awaiting_screening", n=waiting.screening))
    if waiting.full_text:
        parts.append(t("flow.awaiting_full", n=waiting.full_text))
    if waiting.conflicts:
        parts.append(t("flow.conflicts", n=waiting.conflicts))
    undecided = review.flow.previous_reports + review.flow.by_hand
    if undecided:
        parts.append(t("undecided", n=undecided))
    if library.protocol.screening.reviewers == 1:
        parts.append(t("single_reviewer"))
    counts = site.statuses
    values = counts["unverified"] + counts["machine_draft"] + counts["verified"]
    return {
        "fictional": t("fictional") if library.protocol.fictional else "",
        "notice": t("notice_waits", date=site.notice_waits) if site.notice_waits else "",
        "edition": edition_name(site, t),
        "state": t("state.unverified", n=values - counts["verified"], values=values)
        if counts["verified"] < values
        else t("state.verified"),
        "retractions": " · ".join(_retractions(site, t)),
        "currency": " · ".join(parts),
        "facts": json.dumps(
            {
                "nextDue": days.next_due,
                "searched": days.searched_through,
                "waiting": days.waiting,
                "unread": days.unread,
                "suspended": living.suspended_since,
                "retired": living.retired_since,
                "words": {state: t(f"living.{state}") for state in STATES},
            },
            ensure_ascii=False,
            sort_keys=True,
        ),
        "footer_label": t("footer.label"),
        "footer": [
            {
                "lang": language,
                "text": words(
                    f"footer.{language}",
                    values=values,
                    machine=counts["machine_draft"],
                    unverified=values - counts["verified"],
                ),
            }
            for language, words in footers
        ],
    }


def _retractions(site: Site, t: Labels) -> Iterator[str]:
    """Included reports that are retracted, or may be, and wait for a person's decision."""
    sure = [touch.retraction for touch in site.library.undecided.values()]
    for grade in Retraction:
        if n := sure.count(grade):
            yield t(f"banner.{grade}", n=n)


def edition_name(site: Site, t: Labels) -> str:
    """The edition in force as readers see it."""
    editions = site.review.editions
    if not editions:
        return t("edition.none")
    last = editions[-1]
    if last.verified:
        return t("edition.verified", version=last.version)
    return t("edition.first" if len(editions) == 1 else "edition.unverified", version=last.version)
