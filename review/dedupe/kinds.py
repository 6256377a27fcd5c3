"""What a title announces: an erratum, a retraction, a reply …; and what a database adds to one."""

from __future__ import annotations

import re
from functools import lru_cache

from review.dedupe.fields import given
from review.dedupe.text import plain
from review.dedupe.words import LANGUAGE_NAMES

_QUOTES = "\"'“”‘’«»„`"
_TRIMMED = " :.-–—,[]()" + _QUOTES
_END = r"""\s*(?=[:.\-–—,“"'«‘\[(]|$)"""
"""What stands behind a notice's own word: a sign, or nothing more."""
_OF = r"""(?:\s+(?:to|on|for|of|in|regarding|zu|zum|zur|de|à|du|al?|a)\b)?
          (?:\s+the\s+(?:article|paper|letter)\b)?"""

_LEADING = tuple(
    (kind, re.compile(rf"\s*(?:{pattern})", re.IGNORECASE | re.VERBOSE))
    for kind, pattern in (
        (
            "erratum",
            rf"""
            (?:(?:author|publisher|editor)'?s?'?\s+)?
            (?:erratum|errata(?:\s+corrige)?|corrigend(?:um|a)|corrections?(?:\s+notice)?
              |corrections?\s+and\s+clarifications?|amendments?|errore|corrected\s+proof
              |addend(?:um|a)|berichtigung|korrektur|rectificati(?:f|on)|fe\s+de\s+erratas?
              |rettifica|erratas?|исправлени[ея]|поправка|διόρθωση|تصحيح)
            {_OF}(?:{_END}|(?=\s*\b(?:to|zu)\b))
            |(?:errors?\s+in|corrected|err)\s*:
            |(?:erratum|errata|corrigend(?:um|a)|corrections?|addendum)
             \s+(?:to|on|for|of|in|zu|zum|zur)\b
            |(?:勘误|更正|訂正|正誤表?|정정)(?:[：:]|启事|声明|表|のお知らせ|$)
            """,
        ),
        (
            "retraction",
            rf"""
            (?:(?:notice\s+of\s+)?retraction(?:\s+(?:notice|note|statement))?
              |withdrawal(?:\s+notice)?|notice\s+of\s+(?:retraction|withdrawal)
              |rétractation|retractación|widerruf|zurückziehung|ретракция|отзыв\s+статьи)
            {_OF}(?:{_END}|(?=\s*\bto\b))
            |(?:撤稿|撤回)(?:声明|通知|[：:])
            """,
        ),
        (
            "concern",
            r"""
            (?:editorial\s+|publisher'?s\s+)?(?:expression|notice|note)\s+of\s+(?:editorial\s+)?
            concern\b[^:“"]{0,30}|关注声明
            """,
        ),
        (
            "reply",
            rf"""
            (?:the\s+)?(?:authors?'?s?'?\s+)?
            (?:reply(?:\s+letter)?|replies|responses?|rebuttal|antwort|réponse|respuesta|risposta)\b
            (?:\s+(?:from|by)\s+(?:the\s+)?authors?)?{_OF}{_END}
            |(?:in\s+)?(?:reply|response|réponse|respuesta|risposta|antwort)
             \s+(?:to|à|au|aux|a|al|alla|auf|zu)\b
            |(?:作者)?(?:回复|答复)[：:]?|著者の?回答
            """,
        ),
        (
            "comment",
            rf"""
            (?:(?:editorial|invited|guest)\s+)?
            (?:comment(?:s|ary|aries)?|kommentar|commentaire|comentario|commento)\b{_OF}{_END}
            |(?:comments?|commentary|discussion|critique|kommentar|remarks?|notes?)
             \s+(?:on|of|about|zu|zum|zur)\b
            |letters?(?:\s+to\s+the\s+editor)?\s*(?:[:.\-–—]|\s(?:on|regarding|about|re)\b)
            |re\s*[:.]|regarding\s*[:“"]|(?:评论|述评|点评|短评)[：:]
            """,
        ),
    )
)
_LEADING += (
    (
        "protocol",
        re.compile(
            r"""\s*(?:(?:study|trial|review)\s+)?(?:protocol|studienprotokoll)\s*(?:for|of|[:.\-–—])
            |\s*(?:rationale\ and\ (?:study\ )?design|design\ and\ rationale)\s+(?:of|for)\b""",
            re.IGNORECASE | re.VERBOSE,
        ),
    ),
)
_BEFORE = r"[\s:.\-–—,\"”’'(\[\]]+"
_TRAILING = tuple(
    (kind, re.compile(pattern + r"[\s.\])]*$", re.IGNORECASE | re.VERBOSE))
    for kind, pattern in (
        (
            "reply",
            rf"""{_BEFORE}(?:the\s+)?(?:authors?'?s?'?\s+|a\s+)?(?:in\s+)?
            (?:reply|response|rebuttal)(?:\s+(?:from|by)\s+(?:the\s+)?authors?)?""",
        ),
        (
            "comment",
            rf"""{_BEFORE}(?:an?\s+|invited\s+|editorial\s+)?
            (?:comment(?:ary|s)?|letter\ to\ the\ editor)""",
        ),
        (
            "erratum",
            rf"""(?:{_BEFORE}(?:an?\s+)?(?:erratum|errata|corrigend(?:um|a)|correction|addendum)
            |\(vol\.?\ ?[0-9][^()]{{0,40}}
            |\s*[\[(]\s*(?:erratum|errata|corrigend(?:um|a))\s*(?::|\ (?:for|of|to)\b)
             [^\[\]]{{0,400}})""",
        ),
        (
            "retraction",
            rf"""(?:{_BEFORE}retraction(?:\ notice)?
            |\s*[\[(]\s*(?:retraction|withdrawal)\ of\b[^\[\]]{{0,400}})""",
        ),
        (
            "protocol",
            r"""[\s:.\-–—,(\[]+(?:an?\s+|the\s+)?
            (?:(?:study|trial|research|review|systematic\ review)\s+)?
            protocol(?:\s+(?:for|of)\s+.{0,120})?""",
        ),
        (
            "protocol",
            r"""[\s:.\-–—,(\[]+(?:(?:study|trial)\s+)?
            (?:rationale(?:,?\ and|,)\ (?:study\ )?design|design\ and\ rationale
              |(?:study|trial)\ design|studienprotokoll|protocole\ d.étude)
            (?:,?\ (?:and\ )?(?:methods|baseline\ characteristics|methodology))*
            """,
        ),
        ("protocol", r"""[:：，,\ ]*(?:研究|试验)?方案"""),
    )
)
_HINT = re.compile(
    r"""errat|corrig|correct|addend|retract|withdraw|concern|repl|respon|rebutt|comment|letter
    |discuss|critique|remark|note|errore|errors?\ |err:|amendment|re[:.]|re\ :
    |regarding|proto[ck]ol|rationale|design|antwort|kommentar
    |berichtig|korrektur|rectif|rettif|widerruf|réponse|rétract|respuesta|risposta|fe\ de|\(vol""",
    re.VERBOSE,
)


DEEPEST = 3
"""A reply to a comment on a reply: deeper than this nobody writes."""


def kind_of(title: str, depth: int = 0) -> tuple[str, str]:
    """What a title announces (erratum, retraction, concern, reply, comment, protocol or nothing),
    and the title that it speaks of.
    """
    if title.isascii() and not _HINT.search(title.lower()):
        return "", title
    bare = title.strip().lstrip("[(").strip().lstrip(_QUOTES)
    for kind, pattern in _LEADING:
        match = pattern.match(bare)
        if match:
            rest = bare[match.end() :].strip(_TRIMMED)
            return kind, kind_of(rest, depth + 1)[1] if rest and depth < DEEPEST else rest
    for kind, pattern in _TRAILING:
        match = pattern.search(bare)
        if match and match.start() > 10:
            return kind, bare[: match.start()].strip(" :.-–—,[]" + _QUOTES)
    return "", title


# ---- what a database adds to the title of the paper itself: it stays the same paper -------------

_LEADING_MARK = re.compile(
    r"""^\s*\[?\s*(?:retracted(?:\s+article)?|withdrawn|article\s+withdrawn|ahead\s+of\s+print)
    \s*\]?\s*[:.\-–—]?\s+(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
_TRAILING_MARK = re.compile(
    rf"""\s*[\[(]\s*
    (?:retracted(?:\s+article)?|retraction\ in|withdrawn|erratum\ (?:appears|in)
      |published\ erratum|corrected|see\ comments?|comments?\ in|comment\ on|article\ in|in\ process
      |abstract(?:\ only)?|letter|review|editorial|author'?s?\ transl|[0-9]+\ refs?
      |(?:in\ )?(?:{LANGUAGE_NAMES})\b)
    [^\[\]]{{0,400}}[\])]?\s*\.?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_BARE_LANGUAGE = re.compile(rf"(?<=[.?!])\s+(?:{LANGUAGE_NAMES})\s*$", re.IGNORECASE)
_NAMED_LANGUAGE = re.compile(rf"\b(?:{LANGUAGE_NAMES})\b", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*[\[(]([^\[\]()]+)[\])]\.?\s*$")


@lru_cache(maxsize=4096)
def unmarked(title: str) -> tuple[str, str, bool]:  # noqa: C901
    """A title without a database's marks; its other wording where one is appended; and whether
    it is a translation (in brackets, or with its language named).
    """
    text, other = plain(given(title)), ""
    start = text[:12].lower()
    if "retract" in start or "withdraw" in start or "ahead" in start:
        text = _LEADING_MARK.sub("", text)
    if "\n" in text:
        text, _, other = (part.strip() for part in text.partition("\n"))
        if len(text) < 12:
            text, other = other, text
    elif ";" in text:
        one, _, second = text.partition(";")
        sizes = sorted((len(one), len(second)))
        if sizes[0] > 30 and sizes[1] < 2 * sizes[0]:
            text, other = one, second.strip()
    translated = text.lstrip(f" {_QUOTES}").startswith("[") or bool(other)
    for _ in range(4):
        if not text.rstrip(" .").endswith(("]", ")")) and "[" not in text[8:]:
            break
        shorter = _TRAILING_MARK.sub("", text)
        if shorter == text or not shorter.strip(" []"):
            break
        translated = translated or bool(_NAMED_LANGUAGE.search(text[len(shorter) :]))
        text = shorter
    if not text.endswith("."):
        shorter = _BARE_LANGUAGE.sub("", text)
        translated, text = translated or shorter != text, shorter
    if not text.isascii() and text.rstrip(" .").endswith(("]", ")")):
        found = _BRACKETED.search(text)
        if found and found.start() > 8:
            before = text[: found.start()]
            if _foreign(found.group(1)) != _foreign(before):
                text, other = before, found.group(1)
    return text, other, translated


def _foreign(text: str) -> bool:
    """Whether most letters are of another script than Latin."""
    letters = [c for c in text if c.isalpha()]
    return sum(c > "\u024f" for c in letters) * 2 > len(letters)
