"""What each verb's help ends with: lines that can be typed."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "update": ("review update --dry-run", "review update"),
    "search": ("review search --dry-run",),
    "dedupe": (
        "review dedupe --list",
        "review dedupe --pair pmid-900000001 pmid-900000002 --verdict distinct --reviewer ME",
        "review dedupe export.ris --out clusters.csv",
    ),
    "screen": (
        "review screen --reviewer ME",
        "review screen --reviewer ME --stage full_text",
        "review screen --list",
    ),
    "extract": ("review extract", "review extract --record pmid-900000001"),
    "fulltext": ("review fulltext", "review fulltext --record pmid-900000001 --put article.pdf"),
    "assign": (
        "review assign miller-2020 QUESTION --person ME",
        "review assign miller-2020 QUESTION --person ME --result r1 --claim S012=for",
        'review assign miller-2020 QUESTION --person ME --out --basis "S012=no study left"',
    ),
    "grade": ("review grade --explain --question QUESTION", "review grade --propose"),
    "appraise": ("review appraise miller-2020 --form rob-2",),
    "synthesise": ("review synthesise --question QUESTION --out tables",),
    "pool": ("review pool trials.csv --measure RR --plot forest.svg",),
    "publish": ("review publish --out build",),
    "check": ("review check", "review check --texts"),
    "verify": (
        "review verify miller-2020",
        "review verify miller-2020 results.r1 --person ME",
    ),
    "confirm": (
        "review confirm S012",
        "review confirm S012 --person ME",
        'review confirm S012 --person ME --sentence "No study that can be used tells this."',
    ),
    "notice": (
        "review notice list",
        "review notice resolve pmid-900000001 --outcome leaves --person ME",
    ),
    "edition": ("review edition --dry-run", "review edition --gate"),
    "vocabulary": ("review vocabulary --missing",),
    "status": ("review status", "review status --lang zh"),
    "doctor": ("review doctor --offline", "review doctor --live"),
    "convert": ("review convert export.nbib records.ris",),
    "import": ('review import cnki.txt --source cnki --platform "CNKI" --searched 2026-11-30',),
    "protocol": ("review protocol", "review protocol --schema"),
    "migrate": ("review migrate --dry-run",),
}


def epilog(verb: str) -> str:
    """The end of a verb's help."""
    lines = EXAMPLES.get(verb, ())
    return "\n".join(["for example:", *(f"  {line}" for line in lines)]) if lines else ""
