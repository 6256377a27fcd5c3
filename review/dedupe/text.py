"""Text in comparable form: one case, one script, no accents, no markup, never emptied."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from review.ground.chinese_names import IDEOGRAPH, simplified

_WORD = re.compile(rf"{IDEOGRAPH.pattern}|(?:(?!{IDEOGRAPH.pattern})[^\W_])+")
"""A word of letters and digits; Chinese has no gaps, so each of its characters is one."""
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_KANA_MARKS = "\u3099\u309a"
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['\u2019\u02bc\u2032`](?=[^\W\d_])")
_TAG = re.compile(r"</?[a-z][a-z0-9:]{0,12}(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_ENTITY = re.compile("&[A-Za-z]{2,8};")
_LATEX_COMMAND = re.compile(
    r"\\(?:text\w{1,6}|emph|math\w{1,4}|mbox|rm|it|bf|sc)\b\s*", re.IGNORECASE
)
_LATEX_ACCENT = re.compile(r"""\\(?:['"`^~=.]\s*|[uvHtcdbkr](?:\s+|(?=\{)))\{?\\?([A-Za-z])\}?""")
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "σ": "sigma",
    "τ": "tau",
    "ω": "omega",
    "θ": "theta",
}
"""A single Greek letter between Latin ones is spelled out; Greek words stay Greek."""
_LONE_GREEK = re.compile(
    r"(?<![\u0370-\u03ff\u1f00-\u1fff])[αβγδεκλμστωθ](?![\u0370-\u03ff\u1f00-\u1fff])"
)


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Text without case, accents and compatibility forms; letters of every script stay.

    Made to be compared alone: what a person reads is never folded. Traditional Chinese is read as
    simplified. The marks that tell one kana from another stay.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", simplified(text).casefold())
    bare = "".join(c for c in decomposed if c in _KANA_MARKS or not unicodedata.combining(c))
    bare = unicodedata.normalize("NFC", bare)
    return bare.replace("ø", "o").replace("đ", "d").replace("ł", "l").replace("æ", "ae")


_MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]")
_LOST = re.compile(r"(?<=[^\W\d_])\?(?=[^\W\d_])")
"""A question mark inside a word: a letter that a database could not print."""
_ESCAPED = re.compile(r"<U\+([0-9A-Fa-f]{4,5})>")


def mended(text: str) -> str:
    """Text whose UTF-8 was read as Latin 1 or Windows 1252, as it was meant; else as it is."""
    if text.isascii() and "<U+" not in text:
        return text
    text = _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)), text)
    if _MOJIBAKE.search(text):
        for encoding in ("cp1252", "latin-1"):
            try:
                return text.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
    return text


def plain(text: str) -> str:
    """Text without HTML entities, markup, LaTeX and wrongly read letters.

    Whatever its format, since the damage was done by the database it comes from; so all of them are
    looked for in any text, and what is taken off is not decoded but dropped. A reader of a format
    (``review.formats``) decodes its own signs alone, and keeps what they stand for.
    """
    text = mended(text)
    if "?" in text:
        text = _LOST.sub("", text)
    if "&" in text:
        # A database that prints titles in capitals does so with their entities too.
        text = _ENTITY.sub(lambda m: m.group().lower(), text)
        text = html.unescape(_ENTITY.sub(lambda m: m.group().lower(), html.unescape(text)))
    if "<" in text:
        text = _TAG.sub("", text)
    if "\\" in text:
        text = _LATEX_ACCENT.sub(r"\1", _LATEX_COMMAND.sub("", text))
    if "{" in text or "}" in text:
        text = text.replace("{", "").replace("}", "")
    return text


def words_of(text: str) -> list[str]:
    """Words of plain text, folded; an apostrophe inside a word is no gap."""
    if text.isascii():
        lower = text.lower()
        if "'" in lower or "`" in lower:
            lower = _APOSTROPHE.sub("", lower)
        return _ASCII_WORD.findall(lower)
    folded = fold(_APOSTROPHE.sub("", text))
    if max(folded) >= "\u0370" and _LONE_GREEK.search(folded):
        folded = _LONE_GREEK.sub(lambda m: f" {_GREEK[m.group()]} ", folded)
    return _ASCII_WORD.findall(folded) if folded.isascii() else _WORD.findall(folded)


def joined(words: list[str]) -> str:
    """Words with single spaces between them, none beside a Chinese character."""
    text = " ".join(words)
    if text.isascii():
        return text
    return re.sub(rf"(?<={IDEOGRAPH.pattern}) | (?={IDEOGRAPH.pattern})", "", text)
