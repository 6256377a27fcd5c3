"""Raised and lowered figures of marked-up text: "12<sup>3</sup>" is no 123.

Taken out of its markup, a figure beside a number would be a part of it: a reference or a power
would make thousands of people. Figures become raised and lowered digits; words stay words.
"""

from __future__ import annotations

import re
from typing import Any

_DIGITS, _HIGH, _LOW = "0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"
_RAISE = str.maketrans(f"{_DIGITS}-−–+", f"{_HIGH}⁻⁻⁻⁺")
_LOWER = str.maketrans(f"{_DIGITS}-−–+", f"{_LOW}₋₋₋₊")
_LEVEL = str.maketrans(f"{_HIGH}⁻⁺{_LOW}₋₊", f"{_DIGITS}-+" * 2)
_FIGURE = re.compile(r"[-−–+]?[0-9]+(?:[-−–,;][0-9]+)*[-−–+]?")
_SIGN = r"[a-h*†‡§¶#∗⁎‖]|ns|NS"
_FOOTNOTE = re.compile(rf"(?:{_SIGN})+|[A-Za-z]")
_WITH_FOOTNOTE = re.compile(rf"(?:[0-9]|{_SIGN})+")
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9][0-9.,·]*$")
"""A number that a text ends with; "CD4" ends with none."""
_ORDINALS = ("st", "nd", "rd", "th", "er", "re", "ère", "ème", "eme")
_FORMULAS = {"msup": ("", "sup"), "msub": ("", "sub"), "msubsup": ("", "sub", "sup")}
"""MathML: which parts of a sign are raised and lowered."""


def level(text: str) -> str:
    """Text with its raised and lowered digits and their signs on the line, each in its place.

    The extractors stand alone and have the same; a search need not load them for it.
    """
    return text if text.isascii() else text.translate(_LEVEL)


def shifted(way: str, words: str, before: str) -> str:
    """Raised or lowered words: "40¹²" is a number with a reference, no larger number.

    :param way: sup or sub
    :param before: what stands before; a footnote's sign behind a number is left out
    """
    bare = re.sub(r"\s", "", words).rstrip(",;")
    table = _RAISE if way == "sup" else _LOWER
    if _FIGURE.fullmatch(bare):
        lead, tail = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
        return lead + bare.translate(table) + tail
    if _NUMBER.search(before[-40:]) is None or bare.lower() in _ORDINALS:
        return words
    signs = re.sub("[,;]", "", bare)
    if _FOOTNOTE.fullmatch(signs):
        return ""
    if _WITH_FOOTNOTE.fullmatch(signs):
        return re.sub("[^0-9]", "", signs).translate(table)
    return "".join(one.translate(table) if one.isdigit() else one for one in words)


def way_of(node: Any) -> str:
    """How an element shifts its words: sup, sub or not at all.

    Markup of PubMed and JATS, EndNote's style, and MathML, whose place in its parent says it.
    """
    name = _name(node)
    if name in ("sup", "sub"):
        return name
    if name == "style":
        faces = str(node.get("face") or "").split()
        return "sup" if "superscript" in faces else "sub" if "subscript" in faces else ""
    parent = node.getparent()
    ways = _FORMULAS.get(_name(parent), ()) if parent is not None else ()
    return "".join(ways[parent.index(node) :][:1]) if ways else ""


def text_of(element: Any) -> str:
    """All text inside an element, the figures in it raised and lowered as its markup says."""
    parts: list[str] = []
    _walk(element, parts)
    return "".join(parts)


def _walk(node: Any, parts: list[str]) -> None:
    if node.text:
        parts.append(node.text)
    for at, child in enumerate(node):
        if isinstance(child.tag, str):
            if at and _name(node) == "mfrac":
                parts.append("/")
            if way := way_of(child):
                parts.append(shifted(way, "".join(child.itertext()), "".join(parts[-3:])))
            else:
                _walk(child, parts)
        if child.tail:
            parts.append(child.tail)


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]
