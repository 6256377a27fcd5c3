"""An update's report: lines for the terminal, Markdown for a pull request and GitHub's summary."""

from __future__ import annotations

import re

from review.ground.errors import Exit
from review.ground.printable import printable
from review.update.update import UpdateReport

MEANING = {
    Exit.NOTHING_NEW: "nothing new",
    Exit.CANDIDATES: "new candidates to screen",
    Exit.NOTICE: "a retraction or correction touches an included study",
    Exit.SOURCE: "a source failed; this is no complete search",
    Exit.INVALID: "invalid data",
    Exit.LOCKED: "another update is running",
    Exit.PUBLISH: "publishing failed",
}
SHOWN = 20


def lines(report: UpdateReport) -> list[str]:
    """The report for people, one fact a line."""
    found = [f"Update of {report.date}" + (" (dry run, nothing written)" if report.dry_run else "")]
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
                    f"  {source.id}: listed and not delivered: {', '.join(source.missing)}"
                )
            for pmid, why in source.set_aside:
                found.append(
                    f"  warning: {source.id}: PMID {pmid} is set aside, look at it: "
                    f"{printable(why)} (data/texts/odd/{source.id}-{pmid}.xml)"
                )
    found += _health(report)
    found.append(f"  duplicates merged: {report.duplicates}; doubtful pairs: {report.queued_pairs}")
    for notice in report.notices:
        mark = "INCLUDED STUDY" if notice.included else "record"
        where = notice.study or notice.record
        found.append(
            f"  notice: {notice.type} on {mark} {where} ({printable(notice.notice)}): "
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
        found.append(f"  baseline not yet screened: {report.awaiting_screening}")
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


def markdown(report: UpdateReport) -> str:
    """The report as a pull request's text, with the checklist of the month."""
    rows = [f"## Monthly update of {report.date}", ""]
    rows += ["| source | found | new | state |", "| --- | --- | --- | --- |"]
    for source in report.sources:
        state = f"FAILED: {escape(source.error)}" if source.error else "complete"
        rows.append(f"| {source.id} | {source.found} | {source.new} | {state} |")
    rows.append("")
    if any(source.error for source in report.sources):
        rows += ["**A source failed. This is not a complete search.**", ""]
    rows += [
        f"- [ ] look at PMID {pmid} of {source.id}, which is set aside: {escape(why)}"
        for source in report.sources
        for pmid, why in source.set_aside
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
            f"- [ ] **{notice.type}**: {escape(notice.title)} (`{notice.study or notice.record}`, "
            f"{escape(notice.notice)})"
            for notice in touched
        ]
        rows.append("")
    rows += [
        f"- [ ] check the identifier, its PMID was never delivered: `{one}` {escape(title)}"
        for one, title in report.unknown
    ]
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
