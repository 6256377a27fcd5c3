"""What the command prints, in two languages, and the examples that its help ends with."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from review import cli
from review.cli.entry import VERBS, build_parser
from review.cli.examples import EXAMPLES, epilog
from review.cli.words import catalogue, first_language, in_words, speak
from review.ground.wording import wording
from tests.conftest import HOME

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    speak("en")


def templates() -> list[tuple[str, str]]:
    """Where each sentence that has a catalogue stands, and its English."""
    found = []
    for path in sorted((HOME / "review").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "wording":
                place = f"{path.relative_to(HOME)}:{node.lineno}"
                english = node.args[0]
                assert isinstance(english, ast.Constant), f"{place}: expected the words themselves"
                named = {key.arg for key in node.keywords}
                assert slots(english.value) == named, f"{place}: its slots are {named}"
                found.append((place, english.value))
    return found


def slots(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def worded(template: str) -> bool:
    """Whether it has words of its own, and not only marks between its slots."""
    return bool(re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", template)))


def test_every_sentence_is_said_in_chinese_too_with_the_same_slots() -> None:
    written, chinese = templates(), sentences("zh")
    assert len(written) > 3
    missing = [place for place, english in written if english not in chinese]
    assert [place for place, english in written if place in missing and worded(english)] == []
    assert sorted(set(chinese) - {english for _, english in written}) == [], "said nowhere"
    for english, words in chinese.items():
        assert slots(english) == slots(words), english
        assert HAN.search(words) or not worded(english), english


def sentences(language: str) -> dict[str, str]:
    """What stands by its English: what has no key."""
    return {key: text for key, text in catalogue(language).items() if key not in catalogue("en")}


def test_every_conversation_is_held_in_chinese_too_with_the_same_slots() -> None:
    english, chinese = catalogue("en"), catalogue("zh")
    assert len(english) > 20
    assert sorted(set(english) - set(chinese)) == []
    for key, words in english.items():
        assert slots(words) == slots(chinese[key]), key
        assert HAN.search(chinese[key]) or not worded(words), key


def test_a_sentence_is_a_string_until_it_is_printed_in_another_language() -> None:
    sentence = wording("--root {folder}: found no protocol.yaml there", folder="x")
    assert sentence == "--root x: found no protocol.yaml there"
    assert in_words(sentence) == str(sentence)
    speak("zh")
    assert in_words(sentence) == "--root x：该文件夹中没有 protocol.yaml"
    assert in_words("a line of no catalogue") == "a line of no catalogue"


def test_braces_in_what_fills_a_slot_are_only_braces() -> None:
    sentence = wording("--root {folder}: found no protocol.yaml there", folder="{x} {0} {")
    speak("zh")
    assert "{x} {0} {" in in_words(sentence)


def test_the_language_is_the_one_that_is_asked_for_else_the_protocol_s_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = str(tmp_path / "none")
    assert cli.main(["status", "--root", nowhere, "--lang", "zh"]) == 2
    assert "该文件夹中没有 protocol.yaml" in capsys.readouterr().err
    assert cli.main(["status", "--root", nowhere]) == 2
    assert "found no protocol.yaml there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("protocol", "language"),
    [
        ("languages: [zh, en]\n", "zh"),
        ('format: 1\nlanguages: ["zh"]\n', "zh"),
        ("languages:\n  - zh\n  - en\n", "zh"),
        ("languages: [en, zh]\n", "en"),
        ("title: none\n", "en"),
    ],
)
def test_the_first_language_is_seen_at_a_glance(
    tmp_path: Path, protocol: str, language: str
) -> None:
    (tmp_path / "protocol.yaml").write_text(protocol)
    assert first_language(tmp_path) == language


@pytest.mark.parametrize("verb", VERBS)
def test_every_help_ends_with_examples_that_can_be_typed(verb: str) -> None:
    assert EXAMPLES[verb]
    assert epilog(verb).count("\n  review ") == len(EXAMPLES[verb])
    for line in EXAMPLES[verb]:
        program, *words = shlex.split(line)
        assert (program, words[0]) == ("review", verb)
        assert build_parser([verb]).parse_args(words).verb == verb


def test_no_example_is_of_a_verb_that_is_gone() -> None:
    assert set(EXAMPLES) == set(VERBS)
