"""What an update tells: the facts, as lines for the terminal and Markdown for a pull request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from review import TOOL
from review.editions.news import SinceLast
from review.files.texts import odd_name
from review.ground.errors import Exit, gravest
from review.ground.printable import printable
from review.model.record import Retraction
from review.searching.health import Recall, Symptom
from review.searching.sources import RecordKey

MEANING = {
    Exit.NOTHING_NEW: "nothing new",
    Exit.CANDIDATES: "new candidates to screen",
    Exit.NOTICE: "a retraction or correction touches an included study",
    Exit.SOURCE: "a source failed; this is no complete search",
    Exit.INVALID: "invalid data",
    Exit.LOCKED: "another update is running or a file changed meanwhile (run it again)",
    Exit.PUBLISH: "publishing failed",
}
SHOWN = 20
INVENTED = "fictional: no real service was asked"


@dataclass(frozen=True)
class SourceReport:
    """What one source's run gave."""

    id: str
    found: int
    new: int
    refetched: int
    """held records beyond those found, fetched again"""
    missing: tuple[RecordKey, ...] = ()
    set_aside: tuple[tuple[RecordKey, str], ...] = ()
    """records that can't be taken, and why"""
    conflicts: tuple[str, ...] = ()
    """identifiers that two papers or two records claim, a sentence each"""
    error: str | None = None
    searched_through: str | None = None
    """day of the last complete search, this one included"""


@dataclass(frozen=True)
class NoticeReport:
    """A notice on a record of the review, and whether it touches an included study."""

    record: str
    title: str
    type: str
    notice: str
    study: str | None
    included: bool
    retraction: Retraction | None = None
    """where its results may not be used: how sure that is"""

    @property
    def what(self) -> str:
        """The kind of notice; where it only makes a retraction possible, that is said."""
        if self.retraction is Retraction.POSSIBLE:
            return f"{self.type} (a retraction is possible; being checked)"
        return self.type


@dataclass(frozen=True)
class UpdateReport:
    """Everything an update has to tell."""

    date: str
    dry_run: bool
    sources: tuple[SourceReport, ...]
    candidates: tuple[tuple[str, str], ...]
    """new records that wait for screening: id and title"""
    notices: tuple[NoticeReport, ...]
    unknown: tuple[tuple[str, str], ...]
    """held records whose PMID the source has never delivered: id and title"""
    duplicates: int
    queued_pairs: int
    drafts: tuple[str, ...]
    awaiting_screening: int
    changed_files: tuple[str, ...]
    baseline: bool
    """no record of the searches was screened yet"""
    since: SinceLast | None = None
    """what happened since the last edition, this update included"""
    health: tuple[Symptom, ...] = ()
    recall: tuple[Recall, ...] = ()
    publish_error: str | None = None
    fictional: bool = False
    """the review's own world answered, and no service"""

    @property
    def exit(self) -> Exit:
        """The gravest of what happened."""
        codes: list[Exit] = []
        if any(source.error for source in self.sources):
            codes.append(Exit.SOURCE)
        if self.publish_error:
            codes.append(Exit.PUBLISH)
        if any(notice.included for notice in self.notices):
            codes.append(Exit.NOTICE)
        if self.candidates:
            codes.append(Exit.CANDIDATES)
        return gravest(codes)

    def as_json(self) -> dict[str, Any]:
        """All facts, for machines."""
        return {
            "tool": TOOL,
            "date": self.date,
            "dry_run": self.dry_run,
            "fictional": self.fictional,
            "exit": int(self.exit),
            "complete": not any(source.error for source in self.sources),
            "sources": [
                {
                    "id": s.id,
                    "found": s.found,
                    "new": s.new,
                    "refetched": s.refetched,
                    "missing": [key.accession for key in s.missing],
                    "set_aside": [
                        {"pmid": key.accession, "why": why}
                        if key.pmid
                        else {"accession": key.accession, "why": why}
                        for key, why in s.set_aside
                    ],
                    "conflicts": list(s.conflicts),
                    "error": s.error,
                    "searched_through": s.searched_through,
                }
                for s in self.sources
            ],
            "candidates": [{"id": one, "title": title} for one, title in self.candidates],
            "notices": [
                {
                    "record": n.record,
                    "title": n.title,
                    "type": n.type,
                    "notice": n.notice,
                    "study": n.study,
                    "included": n.included,
                    "retraction": n.retraction,
                }
                for n in self.notices
            ],
            "unknown": [{"id": one, "title": title} for one, title in self.unknown],
            "duplicates": self.duplicates,
            "queued_pairs": self.queued_pairs,
            "drafts": list(self.drafts),
            "awaiting_screening": self.awaiting_screening,
            "baseline_not_screened": self.baseline,
            "since_last_edition": self.since.as_json() if self.since else None,
            "health": [one.as_json() for one in self.health],
            "known_item_recall": [
                {"source": r.source, "known": len(r.known), "found": len(r.found)}
                for r in self.recall
            ],
            "changed_files": list(self.changed_files),
            "publish_error": self.publish_error,
        }


def lines(report: UpdateReport) -> list[str]:
    """The report for people, one fact a line."""
    found = [f"Update of {report.date}" + (" (dry run, nothing written)" if report.dry_run else "")]
    found += [f"  {INVENTED}"] * report.fictional
    for source in report.sources:
        if source.error:
            through = source.searched_through or "never"
            found.append(
                f"  {source.id}: FAILED: {source.error}; searched through {through} as before"
            )
        else:
            found.append(
                f"  {source.id}: {source.found} records found, {source.new} new; "
                f"{source.refetched} others re-fetched; searched through {source.searched_through}"
            )
            if source.missing:
                found.append(
                    f"  {source.id}: listed and not delivered: "
                    + ", ".join(printable(key.accession) for key in source.missing)
                )
            for key, why in source.set_aside:
                kept = f"data/texts/odd/{odd_name(source.id, key.accession)}"
                found.append(
                    f"  warning: {source.id}: {printable(str(key))} is set aside, look at it: "
                    f"{printable(why)} ({kept})"
                )
            found += [f"  warning: {source.id}: {one}" for one in source.conflicts]
    found += _health(report)
    found.append(f"  duplicates merged: {report.duplicates}; doubtful pairs: {report.queued_pairs}")
    for notice in report.notices:
        mark = "INCLUDED STUDY" if notice.included else "record"
        where = notice.study or notice.record
        found.append(
            f"  notice: {notice.what} on {mark} {where} ({printable(notice.notice)}): "
            f"{printable(notice.title)[:80]}"
        )
    for one, title in report.unknown:
        found.append(
            f"  PMID never delivered, check the identifier: {one}  {printable(title)[:70]}"
        )
    found.append(f"  new candidates: {len(report.candidates)}")
    for one, title in report.candidates[:SHOWN]:
        found.append(f"    {one}  {printable(title)[:90]}")
    if len(report.candidates) > SHOWN:
        found.append(f"    … and {len(report.candidates) - SHOWN} more: review screen --list")
    if report.baseline:
        found.append(f"  first records, not screened yet: {report.awaiting_screening}")
    else:
        found.append(f"  awaiting screening: {report.awaiting_screening}")
    found.append("  drafts made: " + (", ".join(report.drafts) if report.drafts else "none"))
    if not report.dry_run:
        found.append(f"  files written: {len(report.changed_files)}")
    if report.publish_error:
        found.append(f"  publishing FAILED: {report.publish_error}")
    found.append(f"Exit {int(report.exit)}: {MEANING[report.exit]}")
    return found


def _health(report: UpdateReport) -> list[str]:
    """Warnings on the strategies, and how many included records they find."""
    shown = [f"  warning: {one.sentence}" for one in report.health[:SHOWN]]
    if len(report.health) > SHOWN:
        shown.append(f"  warning: … and {len(report.health) - SHOWN} more: review status")
    return shown + [
        f"  {r.source}: finds {len(r.found)} of the {len(r.known)} included records it holds"
        for r in report.recall
        if r.known
    ]


def escape(text: str) -> str:
    """Foreign text as plain words in GitHub's Markdown: no markup, mention, link or image."""
    bare = printable(text)
    bare = bare.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    bare = re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", bare)
    return bare.replace("@", "@\u200b").replace("://", ":\u200b//").replace("www.", "www\u200b.")


def news_markdown(since: SinceLast, site: str | None = None) -> list[str]:
    """What happened since the last edition, a sentence a line; linked where the site is known.

    :param site: address of the published site
    """
    rows = ["### Since the last edition", "", escape(since.heading["en"]), ""]
    for one in since.items[:SHOWN]:
        text, page = escape(one.text["en"]), f"{one.object}/"
        rows.append(f"- [{text}]({site.rstrip('/')}/{page})" if site else f"- {text} (`{page}`)")
    if len(since.items) > SHOWN:
        rows.append(f"- … and {len(since.items) - SHOWN} more: `review status --json`")
    return [*rows, ""]


def markdown(report: UpdateReport, site: str | None = None) -> str:
    """The report as a pull request's text, with the checklist of the month.

    :param site: address of the published site, to which its sentences are linked
    """
    rows = [f"## Monthly update of {report.date}", ""]
    if report.fictional:
        rows += [f"**{INVENTED[0].upper()}{INVENTED[1:]}.**", ""]
    rows += ["| source | found | new | state |", "| --- | --- | --- | --- |"]
    for source in report.sources:
        state = f"FAILED: {escape(source.error)}" if source.error else "complete"
        rows.append(f"| {source.id} | {source.found} | {source.new} | {state} |")
    rows.append("")
    if any(source.error for source in report.sources):
        rows += ["**A source failed. This is not a complete search.**", ""]
    rows += [
        f"- [ ] look at {escape(str(key))} of {source.id}, which is set aside: {escape(why)}"
        for source in report.sources
        for key, why in source.set_aside
    ]
    rows += [
        f"- [ ] {source.id}: {escape(one)}" for source in report.sources for one in source.conflicts
    ]
    if report.health:
        rows += ["### The search strategy", ""]
        rows += [f"- [ ] {escape(one.sentence)}" for one in report.health[:SHOWN]]
        if len(report.health) > SHOWN:
            rows.append(f"- … and {len(report.health) - SHOWN} more: `review status`")
        rows.append("")
    touched = [notice for notice in report.notices if notice.included]
    if touched:
        rows += ["### Included studies touched", ""]
        rows += [
            f"- [ ] **{notice.what}**: {escape(notice.title)} "
            f"(`{notice.study or notice.record}`, {escape(notice.notice)})"
            for notice in touched
        ]
        rows.append("")
    rows += [
        f"- [ ] check the identifier, its PMID was never delivered: `{one}` {escape(title)}"
        for one, title in report.unknown
    ]
    if report.since is not None:
        rows += news_markdown(report.since, site)
    rows += [f"### New candidates: {len(report.candidates)}", ""]
    rows += [f"- [ ] `{one}` {escape(title)}" for one, title in report.candidates[:SHOWN]]
    if len(report.candidates) > SHOWN:
        rows.append(f"- … and {len(report.candidates) - SHOWN} more")
    rows += ["", "### To do", ""]
    rows.append(f"- [ ] screen {report.awaiting_screening} records: `review screen`")
    if report.queued_pairs:
        rows.append(f"- [ ] judge {report.queued_pairs} doubtful pairs: `review dedupe --list`")
    rows += [f"- [ ] check the draft `data/extractions/{study}.yaml`" for study in report.drafts]
    rows += [f"- [ ] {len(report.notices) - len(touched)} notices on other records seen"]
    rows += ["", f"Exit {int(report.exit)}: {MEANING[report.exit]}", ""]
    return "\n".join(rows)
