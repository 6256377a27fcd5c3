"""A review that nobody came to for a long time: thousands of fictional records, made from a seed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

from review.demo import DEMO
from review.offline.world import World

FIRST_PMID = 910_000_001
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ji",
    "ke",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "sa",
    "ti",
    "vu",
    "wa",
    "xe",
    "zo",
]


def _word(draw: random.Random) -> str:
    return "".join(draw.choices(SYLLABLES, k=draw.randint(2, 4)))


def article(number: int, draw: random.Random) -> str:
    """One fictional article on the demonstration's disease."""
    pmid, year = FIRST_PMID + number, draw.randint(1995, 2025)
    title = f"MCSD and {' '.join(_word(draw) for _ in range(draw.randint(4, 12)))}"
    text = " ".join(_word(draw) for _ in range(180)) + ("; pain was noted" if number % 3 else "")
    people = "".join(
        f"<Author><LastName>{_word(draw).title()}</LastName><ForeName>{_word(draw).title()}"
        "</ForeName></Author>"
        for _ in range(draw.randint(1, 8))
    )
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><Journal>'
        f"<JournalIssue><Volume>{draw.randint(1, 90)}</Volume><PubDate><Year>{year}</Year></PubDate>"
        f"</JournalIssue><Title>Journal of {escape(_word(draw).title())}</Title></Journal>"
        f"<ArticleTitle>{escape(title)}</ArticleTitle><Pagination><MedlinePgn>{draw.randint(1, 900)}"
        f"</MedlinePgn></Pagination><Abstract><AbstractText>{text}</AbstractText></Abstract>"
        f"<AuthorList>{people}</AuthorList><Language>eng</Language></Article></MedlineCitation>"
        f'<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>{year}</Year><Month>5</Month>'
        "<Day>2</Day></PubMedPubDate></History></PubmedData></PubmedArticle>"
    )


def world(path: Path, number: int, seed: int = 7) -> Path:
    """PubMed XML with so many fictional records."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as out:
        out.write("<PubmedArticleSet>")
        for one in range(number):
            out.write(article(one, draw))
        out.write("</PubmedArticleSet>")
    return path


def worlds(folder: Path, number: int) -> World:
    """The demonstration's two months, and so many more records that come with the second."""
    world(folder / "2026-09-15.xml", number)
    for path in (DEMO / "world").glob("*.xml"):
        shutil.copy(path, folder)
    return World.folder(folder)
