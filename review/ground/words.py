"""The words that are shown, by language: one file a language, the same keys in each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from review.ground.resources import resource_bytes
from review.ground.yaml import parse


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of a language, by their keys.

    :param language: ``en`` or ``zh``
    """
    name = f"site/i18n/{language}.yml"
    return dict(parse(resource_bytes(name), name).value)
