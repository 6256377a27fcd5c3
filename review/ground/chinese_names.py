"""Chinese text: whether one is, in one script for titles, and the readings of a name."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def is_chinese(text: str) -> bool:
    """Whether any Chinese character stands in a text, rare and compatibility ones among them."""
    return not text.isascii() and IDEOGRAPH.search(text) is not None


def language_tag(text: str) -> str:
    """The language of a fragment that a page marks (BCP 47), as far as its script tells."""
    return "zh" if is_chinese(text) else "en"


_PAIRS = (
    "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐司徒夏侯端木闻人长孙宇文轩辕钟离淳于单于"
    "太史申屠呼延独孤南宫西门百里东郭拓跋万俟赫连澹台濮阳鲜于闾丘公冶宗政公羊太叔"
)
COMPOUND = frozenset(_PAIRS[i : i + 2] for i in range(0, len(_PAIRS), 2))
"""Family names of two characters."""
AS_FAMILY = {
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "区": "ou",
    "查": "zha",
    "朴": "piao",
    "乐": "yue",
    "翟": "zhai",
    "盖": "ge",
    "任": "ren",
    "华": "hua",
    "冼": "xian",
    "折": "she",
    "尉迟": "yuchi",
    "万俟": "moqi",
    "单于": "chanyu",
    "澹台": "tantai",
    "长孙": "zhangsun",
}
"""Readings that a character has as a family name only."""


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=100_000)
def simplified(text: str) -> str:
    """Text with traditional characters as simplified ones; other scripts stay as they are."""
    return str(_converter().convert(text)) if is_chinese(text) else text


@lru_cache(maxsize=100_000)
def readings(name: str) -> tuple[str, str]:
    """Family and given name of a Chinese name, each as toneless pinyin without gaps.

    >>> readings("張雪")
    ('zhang', 'xue')
    """
    from pypinyin import lazy_pinyin

    bare = "".join(IDEOGRAPH.findall(simplified(name)))
    size = 2 if bare[:2] in COMPOUND and len(bare) > 2 else 1
    family, given = bare[:size], bare[size:]
    spoken = AS_FAMILY.get(family) or "".join(lazy_pinyin(family))
    return spoken.replace("ü", "v"), "".join(lazy_pinyin(given)).replace("ü", "v")
