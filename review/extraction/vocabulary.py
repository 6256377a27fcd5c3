"""Vocabulary: the words of the topic against the words the data use."""

from __future__ import annotations

from review.files.reading import Reader
from review.model.vocabulary import Vocabulary


def used_words(store: Reader) -> dict[str, list[str]]:
    """Every word that should be a term, with the files that use it."""
    found: dict[str, list[str]] = {}

    def add(word: str | None, path: str) -> None:
        if word is not None and path not in found.setdefault(word, []):
            found[word].append(path)

    for study, extraction in store.extractions().items():
        path = f"data/extractions/{study}.yaml"
        for fact in (*extraction.instruments, *extraction.treatments):
            add(fact.value, path)
        for result in extraction.results:
            add(result.outcome, path)
            add(result.instrument, path)
    for name, question in store.questions().items():
        for term in question.about:
            add(term, f"data/questions/{name}.yaml")
    return found


def _ids(vocabularies: dict[str, Vocabulary]) -> dict[str, str | None]:
    return {term.id: term.parent for v in vocabularies.values() for term in v.terms}


def missing(store: Reader) -> dict[str, list[str]]:
    """Words of extractions and questions that are no term, with the files that use them."""
    known = _ids(store.vocabulary())
    return {word: paths for word, paths in sorted(used_words(store).items()) if word not in known}


def unused(store: Reader) -> list[str]:
    """Terms that no extraction and no question names, nor as the class of one they name."""
    parents = _ids(store.vocabulary())
    named: set[str] = set()
    for word in used_words(store):
        at: str | None = word
        while at is not None and at not in named:
            named.add(at)
            at = parents.get(at)
    return sorted(term for term in parents if term not in named)
