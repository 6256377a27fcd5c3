"""What is printed, in the reader's language.

A conversation is made of :func:`words`, by key: ``site/i18n/command/en.yml`` and its like. What is
said below the command line is a sentence in English that knows what it was made of
(:mod:`review.ground.wording`); :func:`in_words` looks its English up in the same files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from review.ground.resources import resource
from review.ground.wording import Wording

ENGLISH, LANGUAGES = "en", ("en", "zh")
CATALOGUES = "site/i18n/command"
"""A file a language: sentences by key, and beside English those that the code has by template."""

_language = ENGLISH


def spoken() -> str:
    """The language that is printed in."""
    return _language


def speak(language: str) -> None:
    """Print in a language from now on.

    :param language: one of :data:`LANGUAGES`; any other is English
    """
    global _language
    _language = language if language in LANGUAGES else ENGLISH


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The sentences of a language by their English templates."""
    from review.ground.yaml import parse

    name = f"{CATALOGUES}/{language}.yml"
    words: dict[str, str] = parse(resource(name).read_bytes(), name).value
    return words


def words(key: str, /, **slots: object) -> str:
    """A sentence of a conversation in the language that is spoken; a missing one is an error.

    :param key: of ``site/i18n/command/en.yml``
    """
    return catalogue(_language)[key].format(**slots)


def in_words(text: object) -> str:
    """A text as it is printed: a sentence in the language that is spoken, all else as it is."""
    if _language == ENGLISH or not isinstance(text, Wording):
        return str(text)
    template = catalogue(_language).get(text.template, text.template)
    return template.format(**{name: _slot(value) for name, value in text.slots.items()})


def _slot(value: Any) -> Any:
    return in_words(value) if isinstance(value, Wording) else value


_FIRST = re.compile(rb"^languages:[ \t]*(?:\[|\r?\n[ \t]*-)[ \t]*['\"]?([a-z]+)", re.MULTILINE)


def first_language(root: Path) -> str:
    """The first language of a review's protocol, at a glance; English where none is seen."""
    try:
        found = _FIRST.search((root / "protocol.yaml").read_bytes())
    except OSError:
        return ENGLISH
    return found.group(1).decode() if found else ENGLISH
