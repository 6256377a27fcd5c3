"""Publish: render every page from templates, build the site with MkDocs, swap it in whole.

The same commit gives the same bytes: no clock, no git, no text that only this machine holds.
Foreign text is escaped by Jinja's autoescape and stands inside raw HTML blocks, so that neither
Markdown nor Jinja nor a browser runs any of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock, Timeout

from review.extraction.draft import RULES
from review.files.store import Store
from review.formats.citations import to_bibtex, to_ris
from review.grading.review import Review
from review.ground.chinese_names import language_tag
from review.ground.errors import PublishError
from review.ground.resources import HOME, resource
from review.ground.spreadsheet import MARK, csv_text
from review.ground.words import words
from review.model.base import canonical
from review.publishing.pages import (
    SECTIONS,
    Labels,
    Page,
    Site,
    announcement,
    claims_table,
    evidence_table,
    included_records,
    listing,
    make_pages,
    synthesis_tables,
    term_name,
    values_table,
)

SOURCES = resource("site")
"""With mkdocs.yml the templates of every review."""


def labels(language: str) -> Labels:
    """The words of a language."""
    return Labels(language, words(language))


_RAW = str.maketrans({"<": "‹", ">": "›", "&": "＆", '"': "”", "'": "’", "`": "ˋ"})


def _title(text: str) -> str:
    """A page's or the site's title: the theme prints it raw, in text and in attributes, so nothing
    in it may open a tag or end an attribute.
    """
    opened = re.sub(r'(^|[\s(\[])"(?=\S)', r"\1“", text)
    return " ".join(opened.translate(_RAW).split())


def _opens(path: str) -> str:
    """The page that opens the folder a page stands in."""
    return f"{path.split('/')[0]}/index.md" if "/" in path else path


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def render(site: Site, pages: Sequence[Page], t: Labels) -> dict[str, str]:
    """Each page's file: front matter by a dumper, then one block of escaped HTML."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SOURCES / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rendered = {}
    for page in pages:
        here = PurePosixPath(page.path)
        depth = len(here.parts) - 1 + (0 if here.name == "index.md" else 1)
        up = "../" * depth

        def link(target: str, up: str = up) -> str:
            return f"{up}{target}/" if up or target else "./"

        def asset(target: str, up: str = up) -> str:
            return f"{up}{target}"

        section = next(
            (names for _, names in SECTIONS if page.path in names or _opens(page.path) in names), ()
        )
        body = environment.get_template(page.template).render(
            **page.context,
            site=site,
            section_links=[
                (
                    name.removesuffix(".md").removesuffix("/index"),
                    name in (page.path, _opens(page.path)),
                )
                for name in section
                if name.removesuffix("/index.md") not in ("seed",) or site.review.seed
            ],
            t=t,
            language=t.language,
            link=link,
            asset=asset,
            number=_number,
            lang=language_tag,
            machine=RULES.rsplit(" ", 1)[0],
            term=lambda one: term_name(site.vocabularies, one, t.language),
        )
        front: dict[str, Any] = {"title": _title(page.title), "hide": ["navigation", "toc"]}
        if not page.searched:
            front["search"] = {"exclude": True}
        lines = [line for line in body.splitlines() if line.strip()]
        front_text = json.dumps(front, ensure_ascii=False)
        rendered[page.path] = f"---\n{front_text}\n---\n" + "\n".join(lines) + "\n"
    return rendered


def _configuration(
    site: Site, t: Labels, languages: Sequence[str], work: Path, words: Mapping[str, Labels]
) -> dict[str, Any]:
    """The complete MkDocs configuration of one language, made from the committed one."""
    import yaml

    base: dict[str, Any] = yaml.safe_load(resource("mkdocs.yml").read_text(encoding="utf-8"))
    first = languages[0]
    site_dir = "html" if t.language == first else f"html/{t.language}"

    def path_to(language: str) -> str:
        if language == t.language:
            return "./"
        if t.language == first:
            return f"./{language}/"
        return "../" if language == first else f"../{language}/"

    base |= {
        "site_name": _title(site.library.protocol.title[t.language]),
        "docs_dir": f"docs/{t.language}",
        "site_dir": site_dir,
        "nav": [
            {t("nav.home"): "index.md"},
            *(
                {
                    t(f"nav.section.{section}"): [
                        {t(f"nav.{Path(name.removesuffix('/index.md')).stem}"): name}
                        for name in names
                        if site.review.seed is not None or name != "seed/index.md"
                    ]
                }
                for section, names in SECTIONS
            ),
        ],
    }
    base["theme"]["custom_dir"] = os.path.relpath(SOURCES / "overrides", work)
    base["theme"]["language"] = t.language
    base["extra"] = {
        **base.get("extra", {}),
        "review": announcement(site, t, list(words.items())),
        "alternate": [
            {"name": words[one]("language.name"), "link": path_to(one), "lang": one}
            for one in languages
        ],
    }
    return base


def _write_sources(site: Site, work: Path) -> list[Path]:
    """Write pages, assets, downloads and configurations; returns the configurations."""
    import yaml

    languages = site.library.protocol.languages
    words = {language: labels(language) for language in ("en", "zh")}
    configurations = []
    for language in languages:
        t = words[language]
        docs = work / "docs" / language
        for path, text in render(site, make_pages(site, t), t).items():
            (docs / path).parent.mkdir(parents=True, exist_ok=True)
            (docs / path).write_text(text, encoding="utf-8")
        for prose in sorted((SOURCES / "pages" / language).glob("*.md")):
            shutil.copyfile(prose, docs / prose.name)
        shutil.copytree(SOURCES / "assets", docs / "assets")
        _downloads(site, docs)
        configuration = work / f"mkdocs.{language}.yml"
        value = _configuration(site, t, languages, work, words)
        configuration.write_text(
            yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        configurations.append(configuration)
    return configurations


def _downloads(site: Site, docs: Path) -> None:
    """The tables as files: CSV with a mark that lets Excel read Chinese, and JSON."""
    import pandas as pd

    def write_json(name: str, value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        (docs / name).write_text(text, encoding="utf-8")

    for name, first, found in (
        ("evidence", "question", evidence_table(site)),
        ("claims", "claim", claims_table(site)),
        ("values", "study", values_table(site)),
    ):
        table = pd.DataFrame(found).convert_dtypes() if found else pd.DataFrame({first: []})
        cells = table.astype(object).where(table.notna(), None)
        text = csv_text(list(map(str, cells.columns)), cells.itertuples(index=False, name=None))
        (docs / f"{name}.csv").write_text(MARK + text, encoding="utf-8")
    for name, text in synthesis_tables(site).items():
        (docs / f"{name}.csv").write_text(MARK + text, encoding="utf-8")
    review = site.review
    write_json("withdrawn.json", listing(review, site.withdrawn))
    write_json("levels.json", [one.as_json() for one in review.claim_grades.values()])
    records = included_records(site)
    (docs / "studies.ris").write_text(to_ris(records), encoding="utf-8")
    (docs / "studies.bib").write_text(to_bibtex(records), encoding="utf-8")
    (docs / "editions").mkdir()
    for edition in review.editions:
        (docs / "editions" / f"{edition.version}.json").write_bytes(canonical(edition))
    days = review.currency
    write_json(
        "status.json",
        {
            "edition": review.editions[-1].version if review.editions else None,
            "published": review.editions[-1].date if review.editions else None,
            "searched_through": days.searched_through,
            "screened_through": days.screened_through,
            "integrated_through": days.integrated_through,
            "next_search_due": days.next_due,
            "awaiting_decision": days.waiting,
            "included_without_extraction": days.unread,
            "suspended_since": review.library.protocol.living.suspended_since,
            "retired_since": review.library.protocol.living.retired_since,
            "withdrawn_claims": list(site.withdrawn),
            "retractions_undecided": {
                one: str(touch.retraction) for one, touch in review.library.undecided.items()
            },
            "fictional": review.library.protocol.fictional,
            "values": site.statuses,
            "verified": bool(review.editions) and review.editions[-1].verified,
        },
    )


def _epoch(site: Site) -> str:
    """The time that stands in built files: of the last search or edition, never the clock's."""
    days = [s.date for s in site.library.searches] + [e.date for e in site.review.editions]
    last = max(days, default="2026-01-01")
    return str(int(datetime.fromisoformat(last).replace(tzinfo=UTC).timestamp()))


def _build(configuration: Path, epoch: str) -> None:
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("NCBI_")},
        "SOURCE_DATE_EPOCH": epoch,
        "NO_MKDOCS_2_WARNING": "1",
        "DISABLE_MKDOCS_2_WARNING": "true",
        "PYTHONHASHSEED": "0",
    }
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(configuration)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        told = [line for line in said if "ERROR" in line or "WARNING" in line] or said
        raise PublishError(f"mkdocs failed on {configuration.name}: {(told or ['no word'])[0]}")


def recover(out: Path) -> None:
    """After a kill between the two renames of a swap: put the last good site back."""
    for name in ("docs", "html"):
        old, final = out / f".old-{name}", out / name
        if old.exists() and not final.exists():
            old.rename(final)
        shutil.rmtree(old, ignore_errors=True)


def swap(new: Path, final: Path) -> None:
    """Put a new folder in an old one's place; at any instant one of the two can be found."""
    old = final.with_name(f".old-{final.name}")
    if final.exists():
        final.rename(old)
    new.rename(final)
    shutil.rmtree(old, ignore_errors=True)


def publish(store: Store, out: Path, *, notice_waits: str | None = None) -> Path:
    """Build the site of a review.

    :param out: build folder; the site stands in ``out/html``, its sources in ``out/docs``
    :param notice_waits: day of a notice that these files don't hold yet, for the banner
    :raises PublishError: when the site can't be built; the last good one still stands
    :raises InvalidDataError: when the review's data can't be used
    """
    site = Site(Review.of(store.snapshot()), notice_waits)
    out = out.absolute()
    if out in (HOME, store.root.absolute()):
        raise PublishError(f"{out}: holds the review itself, expected a build folder such as build")
    work = out / ".new"
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / ".publish.lock", timeout=0):
            recover(out)
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            for configuration in _write_sources(site, work):
                _build(configuration, _epoch(site))
            swap(work / "docs", out / "docs")
            swap(work / "html", out / "html")
            shutil.rmtree(work, ignore_errors=True)
    except Timeout:
        raise PublishError(f"{out}: another build is running there; wait for it to end") from None
    except OSError as error:
        raise PublishError(f"{error.filename or out}: {error.strerror or error}") from None
    return out / "html"
