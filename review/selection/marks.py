"""What a record's own title and publication types say of it: retracted, withdrawn, reinstated …

A mark is a sign of a database or publisher beside the title ("RETRACTED ARTICLE: …"),
set off from it by a colon, a bracket or capitals; the words within a title ("Retraction of the
iris") are none. A title that is itself a notice's ("Retraction: …") marks no report.
"""

from __future__ import annotations

import re
from functools import cache

from review.model.record import Notice, NoticeType, Record

_OPEN, _CLOSE = r"[\[(（【［〔]", r"[\])）】］〕]"
_NOUN = r"(?:\s+(?:article|paper|publication|chapter|manuscript|study|preprint))?"
_WORDS: tuple[tuple[NoticeType, str], ...] = (
    (
        NoticeType.POSSIBLE_REPUBLISHED,
        rf"retracted{_NOUN}\s*(?:and|&)\s*(?:republished|replaced)|(?:已)?撤稿(?:并|后)?(?:再|重新)发表",
    ),
    (
        NoticeType.POSSIBLE_PARTIAL_RETRACTION,
        rf"partial(?:ly)?[\s-]+retracted{_NOUN}|(?:已)?部分撤(?:稿|回)",
    ),
    (
        NoticeType.TEMPORARY_REMOVAL,
        rf"temporar(?:y|ily)[\s-]+(?:removal|removed|withdrawn){_NOUN}"
        r"|(?:已)?(?:临时|暂时)(?:移除|撤下|撤回|下架)",
    ),
    (
        NoticeType.REINSTATED,
        rf"reinstated{_NOUN}|reinstatement|(?:已)?恢复发表|撤稿(?:已)?(?:取消|撤销)",
    ),
    (NoticeType.POSSIBLE_RETRACTION, rf"retracted{_NOUN}|(?:已|被)?撤稿"),
    (
        NoticeType.WITHDRAWN,
        rf"(?:article\s+)?(?:withdrawn|removed){_NOUN}|(?:已|被)?撤回|已撤销",
    ),
)
"""What a mark consists of, what is longer first."""
_SIGN = r"(?:\s*[:：]|\s*[.|]\s|\s+[-–—]+\s|\s*——)"
Marks = tuple[tuple[NoticeType, re.Pattern[str]], ...]


@cache
def _leading() -> Marks:
    """Marks before a title; made when a title first hints at one, which takes some time."""
    return tuple(
        (
            kind,
            re.compile(
                rf"\s*(?:{_OPEN}\s*(?:{words})\s*{_CLOSE}|[\[\"“«„]*\s*(?:{words}){_SIGN})",
                re.IGNORECASE,
            ),
        )
        for kind, words in _WORDS
    )


@cache
def _trailing() -> Marks:
    """Marks behind a title."""
    return (
        *(
            (
                kind,
                re.compile(
                    rf"{_OPEN}\s*(?:{words})(?:\s*{_CLOSE}|\s*[.,:;：，。]\s*[^\[\]]{{0,400}}{_CLOSE})"
                    r"[\s.。\]]*$"
                    rf"|(?:\s[-–—]+|——)\s*(?:{words})[\s.。\]]*$",
                    re.IGNORECASE,
                ),
            )
            for kind, words in _WORDS
        ),
        (
            NoticeType.POSSIBLE_RETRACTION,
            re.compile(
                rf"{_OPEN}\s*retraction\s+(?:in|published)\b[^\[\]]{{0,400}}{_CLOSE}[\s.]*$",
                re.IGNORECASE,
            ),
        ),
    )


_CAPITALS = re.compile(r"\s*\[?(RETRACTED|WITHDRAWN)(?: ARTICLE)? +(?=\S)")
"""In capitals before a title that is not: no sign is needed."""
_HINT = re.compile(
    r"retract|withdr|remov|reinstated|reinstatement|撤|恢复发表|移除|下架", re.IGNORECASE
)

_TYPES = {
    **dict.fromkeys(
        ("retracted publication", "retracted", "retracted article", "retracted paper"),
        NoticeType.POSSIBLE_RETRACTION,
    ),
    **dict.fromkeys(("已撤稿", "撤稿论文", "被撤稿"), NoticeType.POSSIBLE_RETRACTION),
    **dict.fromkeys(
        ("withdrawn", "withdrawn publication", "withdrawn article", "article withdrawn", "已撤回"),
        NoticeType.WITHDRAWN,
    ),
    "partially retracted": NoticeType.POSSIBLE_PARTIAL_RETRACTION,
    "temporary removal": NoticeType.TEMPORARY_REMOVAL,
}
"""Publication types as MEDLINE, Scopus, Embase, Web of Science and Chinese exports spell them."""
_COCHRANE = re.compile(r"cochrane database", re.IGNORECASE)
_PREPRINTS = re.compile(r"(?:\w*xiv|preprints?(?:\.org)?|research square|ssrn)\b", re.IGNORECASE)


def mark_of_title(title: str) -> NoticeType | None:
    """What a title says of its own report, if it is marked; a mark alone is never sure."""
    if not _HINT.search(title):
        return None
    for kind, pattern in _leading():
        if pattern.match(title):
            return kind
    for kind, pattern in _trailing():
        found = pattern.search(title)
        if found and found.start() > 0:
            return kind
    shouted = _CAPITALS.match(title)
    if shouted and not title[shouted.end() :].isupper():
        retracted = shouted.group(1) == "RETRACTED"
        return NoticeType.POSSIBLE_RETRACTION if retracted else NoticeType.WITHDRAWN
    return None


def mark_of_type(publication_type: str) -> NoticeType | None:
    """What a publication type says of the report; several may be parted by semicolons."""
    parts = (" ".join(one.casefold().split()) for one in re.split(r"[;；|]", publication_type))
    return next((_TYPES[one] for one in parts if one in _TYPES), None)


def marks_of(record: Record) -> tuple[Notice, ...]:
    """What a record's titles and types say of it, each kind once; a notice's own say nothing."""
    if record.is_notice:
        return ()
    titles = (record.title, record.vernacular_title or "")
    kinds = [mark_of_title(title) for title in titles]
    kinds += [mark_of_type(one) for one in record.publication_types]
    said = dict.fromkeys(_of_its_kind(kind, record) for kind in kinds if kind is not None)
    return tuple(Notice(type=kind, pmid=None, reference=None) for kind in said)


def _of_its_kind(kind: NoticeType, record: Record) -> NoticeType:
    """A withdrawn preprint and a withdrawn Cochrane review are no withdrawn articles."""
    journal = record.journal or ""
    if kind in (NoticeType.WITHDRAWN, NoticeType.POSSIBLE_RETRACTION):
        if record.is_preprint or _PREPRINTS.match(journal):
            return NoticeType.WITHDRAWN_PREPRINT
        if kind is NoticeType.WITHDRAWN and _COCHRANE.search(journal):
            return NoticeType.WITHDRAWN_REVIEW
    return kind
