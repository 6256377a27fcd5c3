"""What ``docs/architecture.md`` says under "Where to add", done in a copy of the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HOME

DAY = "2026-09-01"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program and its demonstration, to add to."""
    to = tmp_path / "program"
    to.mkdir()
    for part in ("review", "extractors", "site", "demo"):
        shutil.copytree(HOME / part, to / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(HOME / "mkdocs.yml", to / "mkdocs.yml")
    return to


def replaced(path: Path, old: str, new: str) -> None:
    """Change one place of a file, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def python(copy: Path, code: str) -> str:
    """What a fresh interpreter prints under the copy."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "NCBI_EMAIL": "test@example.org"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def review(copy: Path, *words: str) -> str:
    """What a command prints under the copy; it ends well, or with new candidates."""
    argv = [*words, "--root", "demo"]
    code = f"main({argv!r}, today={DAY!r})"
    return python(copy, f"from review.cli import main\nassert {code} in (0, 10)\n")


SOURCE = """
from review.formats.entry import entry
from review.model.search import LineResult
from review.searching.sources import Harvest, RecordKey

KIND = "toy"


def check(source):
    return []


def run(source, held, *, contact, progress, say):
    lines = tuple(
        LineResult(line=one.line, query=one.query, sent=one.query, count=1)
        for one in source.strategy
    )
    found = entry("toy", pmid="99000001", title="A fictional report", year=2026)
    key = RecordKey(source.id, "T1")
    return Harvest(lines, 1, (key,), {key: found}, ())
"""


def test_a_source_is_a_file(copy: Path) -> None:
    (copy / "review/searching/sources/toy.py").write_text(SOURCE, encoding="utf-8")
    replaced(copy / "demo/protocol.yaml", "  - id: pubmed\n", "  - id: toy\n")
    replaced(copy / "demo/protocol.yaml", "    kind: pubmed\n", "    kind: toy\n")
    told = json.loads(review(copy, "search", "--dry-run", "--json"))
    assert told["sources"][0]["found"] == 1
    assert told["candidates"] == [{"id": "pmid-99000001", "title": "A fictional report"}]


def test_a_source_of_another_package_is_found_by_its_entry_point(copy: Path) -> None:
    (copy / "weather_source.py").write_text(SOURCE, encoding="utf-8")
    about = copy / "weather-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: weather\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[review.sources]\ntoy = weather_source\n")
    replaced(copy / "demo/protocol.yaml", "  - id: pubmed\n", "  - id: toy\n")
    replaced(copy / "demo/protocol.yaml", "    kind: pubmed\n", "    kind: toy\n")
    told = json.loads(review(copy, "search", "--dry-run", "--json"))
    assert told["sources"][0]["found"] == 1


EXTRACTOR = """
from extractors import Finding


def find(passage, lexicon):
    if (at := passage.text.find("rain")) >= 0:
        yield Finding("weather", "rain", "rain", at, "weather")
"""


def test_an_extractor_is_a_file(copy: Path) -> None:
    (copy / "extractors/weather.py").write_text(EXTRACTOR, encoding="utf-8")
    (copy / "one.ris").write_text(
        "TY  - JOUR\nTI  - A fictional report\nAB  - It was rain.\nER  - \n", encoding="utf-8"
    )
    review(copy, "extract", "--records", "one.ris", "--out", "found.jsonl")
    rows = (copy / "found.jsonl").read_text(encoding="utf-8")
    assert '"weather"' in rows


FORMAT = '''
from review.formats.entry import entry


def write(records):
    """Titles, a line each."""
    return "".join(f"{one['title']}\\n" for one in records)


def read(text, name):
    """A record a line."""
    return [entry("titles", title=line) for line in text.splitlines()]
'''


def test_a_format_is_a_file_and_its_line(copy: Path) -> None:
    (copy / "review/formats/titles.py").write_text(FORMAT, encoding="utf-8")
    registry = copy / "review/formats/__init__.py"
    replaced(registry, "nbib, objects, ris, tables\n", "nbib, objects, ris, tables, titles\n")
    replaced(
        registry,
        "FORMATS: tuple[Format, ...] = (\n",
        "FORMATS: tuple[Format, ...] = (\n"
        '    Format("titles", (".titles",), titles.read, titles.write, frozenset({"title"})),\n',
    )
    (copy / "in.titles").write_text("A fictional report\nAnother one\n", encoding="utf-8")
    python(
        copy,
        "from review.cli import main\n"
        "assert main(['convert', 'in.titles', 'out.ris']) == 0\n"
        "assert main(['convert', 'out.ris', 'back.titles']) == 0\n",
    )
    assert (copy / "back.titles").read_bytes() == (copy / "in.titles").read_bytes()
    assert "TI  - Another one" in (copy / "out.ris").read_text(encoding="utf-8")


def test_a_page_is_its_data_its_template_and_its_words(copy: Path) -> None:
    (copy / "review/publishing/pages/weather.py").write_text(
        "from review.publishing.pages.views import Labels, Page, Site\n\n\n"
        "def weather_page(site: Site, t: Labels) -> Page:\n"
        '    return Page("weather.md", "weather.j2", t("weather.title"), {"degrees": 21})\n',
        encoding="utf-8",
    )
    (copy / "site/templates/weather.j2").write_text(
        "<p>{{ t('weather.title') }}: {{ degrees }}</p>\n", encoding="utf-8"
    )
    for language, word in (("en", "Weather"), ("zh", "天气")):
        words = copy / f"site/i18n/{language}.yml"
        words.write_text(
            words.read_text(encoding="utf-8") + f'weather.title: "{word}"\n', encoding="utf-8"
        )
    contents = copy / "review/publishing/pages/contents.py"
    replaced(
        contents,
        "from review.searching.health import",
        "from review.publishing.pages.weather import weather_page\n"
        "from review.searching.health import",
    )
    replaced(
        contents,
        "    pages.append(synthesis_page(site, t))\n",
        "    pages.append(synthesis_page(site, t))\n    pages.append(weather_page(site, t))\n",
    )
    told = python(
        copy,
        "from pathlib import Path\n"
        "from review.files.store import Store\n"
        "from review.publishing.pages import Site, make_pages\n"
        "from review.publishing.publish import labels, render\n"
        "from review.grading.review import Review\n"
        "site = Site(Review.of(Store(Path('demo')).snapshot()))\n"
        "for language in ('en', 'zh'):\n"
        "    t = labels(language)\n"
        "    print(render(site, make_pages(site, t), t)['weather.md'])\n",
    )
    assert "<p>Weather: 21</p>" in told
    assert "<p>天气: 21</p>" in told


VERB = '''
from dataclasses import dataclass

from review.cli.root import open_store
from review.cli.verb import Answer, CommonOptions


@dataclass(frozen=True)
class Options(CommonOptions):
    """What was typed."""

    degrees: int


def add(verb):
    one = verb("weather", "the weather of a review")
    one.add_argument("--degrees", type=int, default=21)


def run(options, day):
    name = open_store(options.root).protocol.title["en"]
    return Answer({"degrees": options.degrees}, [f"{name} on {day}: {options.degrees}"])
'''


def test_a_verb_is_a_file_and_its_line(copy: Path) -> None:
    (copy / "review/cli/weather.py").write_text(VERB, encoding="utf-8")
    replaced(
        copy / "review/cli/entry.py",
        '    "migrate": "migrate",\n',
        '    "migrate": "migrate",\n    "weather": "weather",\n',
    )
    assert review(copy, "weather").endswith(f" on {DAY}: 21\n")
    assert json.loads(review(copy, "weather", "--json", "--degrees", "7")) == {"degrees": 7}
    help_of_all = python(copy, "from review.cli import main\nassert main(['--help']) == 0\n")
    assert "the weather of a review" in help_of_all
