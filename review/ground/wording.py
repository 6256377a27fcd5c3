"""A sentence that is shown, with what it was made of: so that it can be said in another language.

The English stands in the code, as a template. Whoever prints looks the template up among the words
of the reader's language (``site/i18n/command/``) and fills it with the same slots. Wherever nobody
does, the sentence is a string like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Wording(str):
    """A sentence in English.

    :ivar template: with a name in braces for each slot
    :ivar slots: what fills it; a slot may be such a sentence itself
    """

    __slots__ = ("slots", "template")
    template: str
    slots: Mapping[str, Any]


def wording(template: str, /, **slots: Any) -> Wording:
    """A sentence from its template, which is written out where this is called."""
    sentence = Wording(template.format(**slots) if slots else template)
    sentence.template, sentence.slots = template, slots
    return sentence
