"""PubMed XML: every field as an independent route reads it, every trap, nothing hostile."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path

import pytest
from lxml import etree

from extractors import Lexicon, Passage, find_all
from extractors._printed import numbers
from review import cli
from review.formats.pubmed_article import XmlError, licence_in
from review.formats.pubmed_xml import open_xml, read
from review.ground.raised import level
from tests.conftest import shared


def article(inside: str, *, data: str = "", pmid: str = "900000501", version: str = "1") -> bytes:
    return f"""<?xml version="1.0"?><PubmedArticleSet><PubmedArticle>
<MedlineCitation Status="MEDLINE"><PMID Version="{version}">{pmid}</PMID><Article>{inside}</Article>
</MedlineCitation><PubmedData>{data}</PubmedData></PubmedArticle></PubmedArticleSet>""".encode()


def only(xml: bytes) -> dict[str, object]:
    (record,) = read(io.BytesIO(xml))
    return dict(record)


@pytest.mark.parametrize(
    ("inside", "field", "value"),
    [
        ("<ArticleTitle>A <i>b</i> c</ArticleTitle>", "title", "A b c"),
        ("<ArticleTitle>x<sub>2</sub>y</ArticleTitle>", "title", "x₂y"),
        ("<ArticleTitle/><VernacularTitle>题</VernacularTitle>", "title", "题"),
        ("<ArticleTitle>[T].</ArticleTitle>", "title", "[T]."),
        (
            "<ArticleTitle>p</ArticleTitle><Abstract><AbstractText><i>p</i> &lt; .001) and <i>r</i> "
            "= 0.3</AbstractText></Abstract>",
            "abstract",
            "p < .001) and r = 0.3",
        ),
        (
            "<Abstract><AbstractText Label='AIM'>a</AbstractText><AbstractText>b</AbstractText>"
            "</Abstract><OtherAbstract><AbstractText>no</AbstractText></OtherAbstract>",
            "abstract",
            "AIM: a\nb",
        ),
        (
            "<Journal><JournalIssue><PubDate><MedlineDate>1979 Jan-Feb</MedlineDate></PubDate>"
            "</JournalIssue></Journal>",
            "year",
            1979,
        ),
        ("<ArticleDate><Year>2020</Year></ArticleDate>", "year", 2020),
        (
            "<AuthorList><Author ValidYN='N'><LastName>Old</LastName></Author>"
            "<Author><LastName>Doe</LastName><Initials>J</Initials><Suffix>Jr</Suffix></Author>"
            "<Author><CollectiveName>The Group</CollectiveName></Author></AuthorList>",
            "authors",
            [{"family": "Doe", "suffix": "Jr", "given": "J"}, {"literal": "The Group"}],
        ),
        ("<Language>eng</Language><Language>chi</Language>", "language", ["eng", "chi"]),
        (
            "<DataBankList><DataBank><DataBankName>GENBANK</DataBankName><AccessionNumberList>"
            "<AccessionNumber>X1</AccessionNumber></AccessionNumberList></DataBank><DataBank>"
            "<DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList><AccessionNumber>"
            "NCT99000001</AccessionNumber></AccessionNumberList></DataBank></DataBankList>",
            "registrations",
            ["NCT99000001"],
        ),
        (
            "<PublicationTypeList><PublicationType UI='D016441'>Renamed some day</PublicationType>"
            "</PublicationTypeList>",
            "notices",
            [{"type": "retracted", "pmid": None, "reference": None}],
        ),
        ("<ELocationID EIdType='doi' ValidYN='N'>10.5555/no</ELocationID>", "doi", None),
        ("<ELocationID EIdType='doi'>10.5555/Yes</ELocationID>", "doi", "10.5555/Yes"),
        ("<Pagination><StartPage>1</StartPage><EndPage>9</EndPage></Pagination>", "pages", "1-9"),
    ],
)
def test_each_trap_of_real_records(inside: str, field: str, value: object) -> None:
    assert only(article(inside))[field] == value


MATHS = "<mml:math xmlns:mml='http://www.w3.org/1998/Math/MathML'>{}</mml:math>"


@pytest.mark.parametrize(
    ("printed", "read_as"),
    [
        ("12<sup>3</sup> patients", "12³ patients"),
        ("10<sup>3</sup> patients", "10³ patients"),
        ("10<sup>-6</sup>, 10<sup>−6</sup> and 10<sup>+6</sup>", "10⁻⁶, 10⁻⁶ and 10⁺⁶"),
        (
            "12<sup><b>3</b></sup> and <b>12<sup>3</sup></b> and 12<sup> 3 </sup>of",
            "12³ and 12³ and 12 ³ of",
        ),
        ("12³ patients, 10⁻⁶", "12³ patients, 10⁻⁶"),
        ("kg/m<sup>2</sup>, mL·min<sup>-1</sup>", "kg/m², mL·min⁻¹"),
        ("<sup>18</sup>F and 40 <sup>99m</sup>Tc", "¹⁸F and 40 99mTc"),
        ("Ca<sup>2+</sup>, HCO<sub>3</sub><sup>-</sup>, CD4<sup>+</sup>", "Ca²⁺, HCO₃-, CD4+"),
        ("CO<sub>2</sub>, CHA<sub>2</sub>DS<sub>2</sub>", "CO₂, CHA₂DS₂"),
        ("HbA<sub>1c</sub>, PM<sub>2.5</sub>", "HbA1c, PM2.5"),
        (
            "CD56<sup>bright</sup>, CD27<sup>hi</sup>, p<sub>trend</sub>",
            "CD56bright, CD27hi, ptrend",
        ),
        ("the 1<sup>st</sup> and 2<sup>nd</sup> day", "the 1st and 2nd day"),
        ("40<sup>1-3</sup>, 40<sup>1,2</sup>, 40<sup>1, 2</sup>", "40¹⁻³, 40¹,², 40¹,²"),
        ("40<sup>a</sup> of 60<sup>†</sup> and 50<sup>3,a</sup>", "40 of 60 and 50³"),
        ("10<sup>0.5</sup>", "10⁰.⁵"),
        ("1<sup>1</sup>/<sub>2</sub> years", "1¹/₂ years"),
        (MATHS.format("<mml:msup><mml:mn>10</mml:mn><mml:mn>6</mml:mn></mml:msup>"), "10⁶"),
        (MATHS.format("<mml:msub><mml:mi>x</mml:mi><mml:mn>1</mml:mn></mml:msub>"), "x₁"),
        (
            MATHS.format(
                "<mml:msubsup><mml:mn>5</mml:mn><mml:mn>1</mml:mn><mml:mn>2</mml:mn></mml:msubsup>"
            ),
            "5₁²",
        ),
        (MATHS.format("<mml:mfrac><mml:mn>1</mml:mn><mml:mn>2</mml:mn></mml:mfrac>"), "1/2"),
    ],
)
def test_a_raised_or_lowered_figure_is_no_digit_of_the_number_beside_it(
    printed: str, read_as: str
) -> None:
    inside = (
        f"<ArticleTitle>{printed}</ArticleTitle><VernacularTitle>{printed}</VernacularTitle>"
        f"<Abstract><AbstractText Label='RESULTS'>{printed}</AbstractText></Abstract>"
    )
    record = only(article(inside))
    assert record["title"] == record["vernacular_title"] == read_as
    assert record["abstract"] == f"RESULTS: {read_as}"


def test_a_reference_or_a_power_makes_no_thousands_of_people() -> None:
    abstract = (
        "We enrolled 12<sup>3</sup> patients. Of 40<sup>1-3</sup> women, 24<sup>2</sup> had pain. "
        "We counted 10<sup>3</sup> participants and 5 × 10<sup>6</sup> cells."
    )
    record = only(article(f"<Abstract><AbstractText>{abstract}</AbstractText></Abstract>"))
    found = find_all(Passage("", str(record["abstract"])), Lexicon())
    counts = [f.value for f in found if f.field in ("sample", "total_sample_size", "arm_size")]
    assert not [n for n in counts if int(n) > 40]
    assert numbers(str(record["abstract"])) == {12, 40, 24, 1000, 5e6}


def test_an_identifier_of_a_reference_is_not_the_article_s() -> None:
    data = (
        "<ReferenceList><Reference><ArticleIdList><ArticleId IdType='doi'>10.5555/cited</ArticleId>"
        "<ArticleId IdType='pmc'>PMC99</ArticleId></ArticleIdList></Reference></ReferenceList>"
    )
    record = only(article("<ArticleTitle>x</ArticleTitle>", data=data))
    assert (record["doi"], record["pmcid"]) == (None, None)


def test_a_book_chapter_is_a_record() -> None:
    xml = b"""<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID Version="1">900000502</PMID>
<Book><BookTitle>Handbook of CO<sub>2</sub></BookTitle><PubDate><Year>2020</Year></PubDate>
<AuthorList Type="editors"><Author><LastName>Ed</LastName></Author></AuthorList></Book>
<ArticleTitle>Chapter</ArticleTitle><AuthorList Type="authors"><Author><LastName>Au</LastName>
</Author></AuthorList><Abstract><AbstractText>text</AbstractText></Abstract></BookDocument>
<PubmedBookData/></PubmedBookArticle></PubmedArticleSet>"""
    record = only(xml)
    assert (record["title"], record["journal"], record["year"]) == (
        "Chapter",
        "Handbook of CO₂",
        2020,
    )
    assert record["authors"] == [{"family": "Au"}]


BOMB = (
    b'<!DOCTYPE PubmedArticleSet [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b"]><PubmedArticleSet>&b;</PubmedArticleSet>"
)


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (BOMB, "declares XML entities"),
        (
            b'<!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            b"<PubmedArticleSet><a>&x;</a></PubmedArticleSet>",
            "declares XML entities",
        ),
        (article("<ArticleTitle>x</ArticleTitle>")[:-20], "not well-formed"),
        (article("<ArticleTitle>\xff</ArticleTitle>").replace(b"\xc3\xbf", b"\xff"), "not well-"),
        (b"<html><body>busy</body></html>", "expected PubmedArticleSet"),
        (b"", "not well-formed"),
        (b'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet>', "not well-formed"),
        (article("<ArticleTitle>x</ArticleTitle>", pmid="abc"), "no PMID"),
        (b"<PubmedArticleSet>" + b"<a>" * 5000, "not well-formed"),
    ],
)
def test_damaged_and_hostile_xml_is_refused_in_one_line(xml: bytes, words: str) -> None:
    with pytest.raises(XmlError, match=words) as caught:
        list(read(io.BytesIO(xml)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("notice", "licence"),
    [
        ("© 2020 The Authors. CC BY 4.0", "CC BY 4.0"),
        ("under the Creative Commons Attribution-NonCommercial License", "CC BY-NC"),
        ("Creative Commons Attribution 4.0 International License", "CC BY 4.0"),
        ("This is in the public domain", "public domain"),
        ("CC0 1.0", None),
        ("Copyright Elsevier. All rights reserved.", None),
    ],
)
def test_only_a_licence_the_record_names_counts(notice: str, licence: str | None) -> None:
    assert licence_in(notice) == licence


def text_of(node: object) -> str:
    return " ".join("".join(node.itertext()).split(" ")).strip()  # type: ignore[attr-defined]


def test_the_curated_real_records_agree_with_plain_xpath() -> None:
    """Every one of the 125 real records, field by field, by a second and slower route."""
    path = shared("pubmed/curated/all.xml")
    tree = etree.parse(str(path))
    nodes = tree.xpath("/*/PubmedArticle | /*/PubmedBookArticle")
    with open_xml(path) as stream:
        records = list(read(stream))
    assert len(nodes) == len(records) == 125

    def squeeze(text: str) -> str:  # raised figures have tests of their own
        return re.sub("[−–⁻₋]", "-", level(" ".join(text.split())))

    for node, record in zip(nodes, records, strict=True):
        first = lambda expression: squeeze("".join(node.xpath(f"string({expression})")))  # noqa: B023, E731
        book = node.tag == "PubmedBookArticle"
        base = "BookDocument" if book else "MedlineCitation/Article"
        assert record["pmid"] == first("*/PMID")
        title = first(f"{base}/ArticleTitle") or first(f"{base}/VernacularTitle")
        assert squeeze(record["title"]) == (title or first("BookDocument/Book/BookTitle"))
        parts = [
            (f"{p.get('Label')}: " if p.get("Label") not in (None, "UNLABELLED") else "")
            + squeeze("".join(p.itertext()))
            for p in node.xpath(f"{base}/Abstract/AbstractText")
            if squeeze("".join(p.itertext()))
        ]
        assert [squeeze(p) for p in (record["abstract"] or "").split("\n") if p] == parts
        doi = first("*[last()]/ArticleIdList/ArticleId[@IdType='doi']")
        other = first(f"{base}/ELocationID[@EIdType='doi'][not(@ValidYN='N')]")
        assert (record["doi"] or "") == (doi or other)
        # Judged by eye: PMC6134338.4 is a version of PMC6134338; the number without it is kept.
        pmcid = first("*[last()]/ArticleIdList/ArticleId[@IdType='pmc']").split(".")[0]
        assert (record["pmcid"] or "") == pmcid
        names = node.xpath(
            f"({base}/AuthorList[not(@Type='editors')])[1]/Author[not(@ValidYN='N')]"
        ) or node.xpath("BookDocument/Book/AuthorList[not(@Type='editors')][1]/Author")
        assert len(record["authors"]) == len(names)
        for author, name in zip(record["authors"], names, strict=True):
            family = squeeze(name.xpath("string(LastName|CollectiveName)"))
            assert squeeze(author.get("family") or author.get("literal") or "") == family
        if not book:
            assert (record["journal"] or "") == first(f"{base}/Journal/Title")
            issue = f"{base}/Journal/JournalIssue"
            assert (record["volume"] or "") == first(f"{issue}/Volume")
            assert (record["issue"] or "") == first(f"{issue}/Issue")
            date = first(f"{issue}/PubDate/Year") or first(f"{issue}/PubDate/MedlineDate")
            assert str(record["year"]) in (date or first(f"{base}/ArticleDate/Year"))
        assert record["mesh"] == list(
            dict.fromkeys(squeeze(t) for t in node.xpath("*//MeshHeading/DescriptorName/text()"))
        )
        types = node.xpath("*//PublicationType")
        assert record["publication_types"] == list(dict.fromkeys(text_of(t) for t in types))
        assert record["language"] == [squeeze(x) for x in node.xpath(f"{base}/Language/text()")]
        links = node.xpath(
            "MedlineCitation/CommentsCorrectionsList/CommentsCorrections[not(@RefType='Cites' or "
            "starts-with(@RefType,'Associated') or starts-with(@RefType,'Summary') or "
            "starts-with(@RefType,'Original') or starts-with(@RefType,'Reprint'))]"
        )
        told = [n for n in record["notices"] if n["type"] != "retracted"]
        assert [n["pmid"] for n in told] == [x.findtext("PMID") for x in links]
        retracted = bool(node.xpath("*//PublicationType[@UI='D016441']"))
        assert any(n["type"] == "retracted" for n in record["notices"]) == retracted


def test_convert_writes_every_record_with_the_promised_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = Path(__file__).parents[1] / "demo" / "world" / "2026-09-01.xml"
    zipped, out = tmp_path / "in.xml.gz", tmp_path / "out.jsonl"
    zipped.write_bytes(gzip.compress(world.read_bytes()))
    assert cli.main(["convert", str(zipped), str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    keys = (
        "pmid pmcid doi title vernacular_title abstract authors journal year volume issue pages "
        "language publication_types mesh keywords registrations notices source"
    )
    assert all(list(line) == keys.split() for line in lines)
    assert f"{len(lines):,} records" in capsys.readouterr().out
    assert len(lines) == len(list(read(io.BytesIO(world.read_bytes()))))


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("in.xml", b"<html/>", 40, "expected PubmedArticleSet"),
        ("in.xml.gz", gzip.compress(b"<PubmedArticleSet/>", mtime=0)[:-9], 40, "damaged gzip"),
        ("in.xml", None, 2, "no such file"),
    ],
)
def test_a_convert_that_fails_leaves_nothing_behind(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    data: bytes | None,
    code: int,
    words: str,
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    before = sorted(tmp_path.iterdir())
    assert cli.main(["convert", str(tmp_path / name), str(tmp_path / "out.jsonl")]) == code
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
