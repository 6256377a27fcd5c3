"""Write the demonstration's dated PubMed XML from ``world/source.yaml`` and a seeded generator.

Run ``python demo/make_world.py``; a test checks that the committed XML is what it writes.
Everything it writes is fictional and says so in every record.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

HERE = Path(__file__).parent
MONTHS = {1: "2026-09-01", 2: "2026-10-01"}
TYPE_UI = {
    "Retracted Publication": "D016441",
    "Retraction of Publication": "D016440",
    "Published Erratum": "D016425",
    "Randomized Controlled Trial": "D016449",
    "Journal Article": "D016428",
}
GENERATED = 110
FIRST_GENERATED = 900000101

DISEASES = (
    "glass bone fever",
    "amber lung disease",
    "silver gland syndrome",
    "marbled cord syndrome",
)
ASPECTS = (
    "fatigue",
    "sleep",
    "bladder function",
    "cognition",
    "walking speed",
    "vision",
    "mood",
    "work participation",
    "pregnancy",
    "vaccination",
    "vitamin levels",
    "imaging markers",
    "health costs",
    "adherence to treatment",
    "self-care",
    "bone density",
    "nutrition",
    "exercise",
)
DESIGNS = (
    "a cross-sectional study",
    "a retrospective cohort study",
    "a registry study",
    "a case-control study",
    "a longitudinal study",
    "a survey",
)
NAMES = (
    "Addlestone",
    "Barrowmere",
    "Coldwater",
    "Drystone",
    "Elmhurst",
    "Foxglove",
    "Gorsefield",
    "Heathrow-Vale",
    "Inglenook",
    "Jessamine",
    "Kingfisher",
    "Longmeadow",
    "Marigold",
    "Nettlebed",
)
JOURNALS = (
    "Journal of Imaginary Neurology",
    "Invented Pain Reports",
    "Quality of Imagined Life",
    "Annals of Fictional Medicine",
    "Imaginary Bench Science",
)


def generated() -> list[dict[str, Any]]:
    """Some hundred near misses and side topics, always the same."""
    chance = random.Random(20260901)
    combinations = [(d, a) for d in DISEASES for a in ASPECTS]
    pairs = list(zip(ASPECTS, ASPECTS[5:], strict=False))
    combinations += [(d, f"{a} and {b}") for d in DISEASES for a, b in pairs]
    chance.shuffle(combinations)
    records = []
    for number, (disease, aspect) in enumerate(combinations[:GENERATED]):
        people = chance.randint(40, 300)
        events = chance.randint(5, people - 5)
        records.append(
            {
                "pmid": FIRST_GENERATED + number,
                "month": 2 if number % 9 == 0 else 1,
                "title": f"{aspect.capitalize()} in {disease}: {chance.choice(DESIGNS)}",
                "abstract": f"We studied {people} people with {disease}. A change of {aspect} was "
                f"seen in {events} ({100 * events / people:.1f}%).",
                "authors": [
                    f"{name} {chance.choice('ABCDEFG')}" for name in chance.sample(NAMES, 3)
                ],
                "journal": chance.choice(JOURNALS),
                "year": chance.randint(2010, 2026),
            }
        )
    return records


def _add(parent: Any, tag: str, text: object = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, tag, attributes)
    if text is not None:
        element.text = str(text)
    return element


def _date(parent: Any, tag: str, day: str, **attributes: str) -> None:
    element = _add(parent, tag, **attributes)
    for name, part in zip(("Year", "Month", "Day"), day.split("-"), strict=True):
        _add(element, name, part)


def _authors(parent: Any, names: list[str]) -> None:
    listed = _add(parent, "AuthorList", CompleteYN="Y", Type="authors")
    for name in names:
        author = _add(listed, "Author", ValidYN="Y")
        if name.startswith("= "):
            _add(author, "CollectiveName", name[2:])
            continue
        family, given = name.rsplit(" ", 1)
        _add(author, "LastName", family)
        _add(author, "ForeName", given)
        _add(author, "Initials", given)


def _abstract(parent: Any, text: Any) -> None:
    if not text:
        return
    abstract = _add(parent, "Abstract")
    if isinstance(text, str):
        _add(abstract, "AbstractText", text)
    else:
        for label, part in text:
            _add(abstract, "AbstractText", part, Label=label, NlmCategory=label)
    _add(abstract, "CopyrightInformation", "Fictional text, CC BY 4.0.")


def element(record: dict[str, Any], day: str) -> Any:
    """A record as PubMed XML, marked as fictional."""
    pmid, year = str(record["pmid"]), str(record["year"])
    doi = record.get("doi") or f"10.5555/demo.{year}.{int(pmid) - 900000000}"
    types = record.get("types", ["Journal Article"])
    entered = record.get("entered", day)
    if record.get("book"):
        outer = etree.Element("PubmedBookArticle")
        document = _add(outer, "BookDocument")
        _add(document, "PMID", pmid, Version="1")
        book = _add(document, "Book")
        _add(book, "BookTitle", record["journal"])
        _add(_add(book, "PubDate"), "Year", year)
        _add(document, "ArticleTitle", record["title"])
        _add(document, "Language", "eng")
        _authors(document, record["authors"])
        _abstract(document, record.get("abstract"))
        data = _add(outer, "PubmedBookData")
    else:
        outer = etree.Element("PubmedArticle")
        citation = _add(outer, "MedlineCitation", Status="PubMed-not-MEDLINE", Owner="NLM")
        _add(citation, "PMID", pmid, Version=str(record.get("version", 1)))
        _date(citation, "DateRevised", day)
        article = _add(citation, "Article", PubModel="Print")
        journal = _add(article, "Journal")
        issue = _add(journal, "JournalIssue", CitedMedium="Print")
        number = int(pmid) % 1000
        _add(issue, "Volume", record.get("volume", 1 + number % 40))
        _add(issue, "Issue", 1 + number % 12)
        _add(_add(issue, "PubDate"), "Year", year)
        _add(journal, "Title", record["journal"])
        _add(article, "ArticleTitle", record["title"])
        pages = record.get("pages", f"{10 * number}-{10 * number + 8}")
        _add(_add(article, "Pagination"), "MedlinePgn", pages)
        _abstract(article, record.get("abstract"))
        _authors(article, record["authors"])
        for language in record.get("language", ["eng"]):
            _add(article, "Language", language)
        if registrations := record.get("registrations"):
            bank = _add(_add(article, "DataBankList", CompleteYN="Y"), "DataBank")
            _add(bank, "DataBankName", "ClinicalTrials.gov")
            numbers = _add(bank, "AccessionNumberList")
            for one in registrations:
                _add(numbers, "AccessionNumber", one)
        listed = _add(article, "PublicationTypeList")
        for name in types:
            _add(listed, "PublicationType", name, UI=TYPE_UI.get(name, ""))
        if vernacular := record.get("vernacular"):
            _add(article, "VernacularTitle", vernacular)
        if notices := record.get("notices"):
            corrections = _add(citation, "CommentsCorrectionsList")
            for kind, other, reference in notices:
                item = _add(corrections, "CommentsCorrections", RefType=kind)
                _add(item, "RefSource", reference)
                _add(item, "PMID", other, Version="1")
        if mesh := record.get("mesh"):
            headings = _add(citation, "MeshHeadingList")
            for name in mesh:
                _add(_add(headings, "MeshHeading"), "DescriptorName", name, MajorTopicYN="N")
        _add(citation, "GeneralNote", "FICTIONAL RECORD FOR DEMONSTRATION", Owner="NLM")
        data = _add(outer, "PubmedData")
    history = _add(data, "History")
    _date(history, "PubMedPubDate", str(entered), PubStatus="entrez")
    _add(data, "PublicationStatus", "ppublish")
    identifiers = _add(data, "ArticleIdList")
    _add(identifiers, "ArticleId", pmid, IdType="pubmed")
    _add(identifiers, "ArticleId", doi, IdType="doi")
    return outer


def documents(source: dict[str, Any]) -> dict[str, bytes]:
    """The world's files by name."""
    by_month: dict[int, list[Any]] = {1: [], 2: []}
    deleted: list[str] = []
    first = {record["pmid"]: record for record in source["records"]}
    for record in [*source["records"], *generated()]:
        by_month[record.get("month", 1)].append(record)
        if later := record.get("later"):
            by_month[2].append({**record, **later})
        if record.get("deleted"):
            deleted.append(str(record["pmid"]))
    for change in source["amended"]:
        by_month[change["month"]].append({**first[change["pmid"]], **change})
    files = {}
    for month, records in by_month.items():
        root = etree.Element("PubmedArticleSet")
        root.append(etree.Comment(" FICTIONAL RECORDS FOR DEMONSTRATION: no such paper exists "))
        for record in records:
            root.append(element(record, MONTHS[month]))
        if month == 2 and deleted:
            gone = _add(root, "DeleteCitation")
            for pmid in deleted:
                _add(gone, "PMID", pmid, Version="1")
        etree.indent(root, " ")
        name = f"{MONTHS[month]}.xml"
        files[name] = etree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
    return files


def main(folder: Path) -> None:
    """Write the world."""
    source = yaml.safe_load((HERE / "world" / "source.yaml").read_text(encoding="utf-8"))
    for name, data in documents(source).items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "world")
