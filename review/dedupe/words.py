"""Word lists of the deduplicator: small words, numbers, prefixes, languages."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


SMALL = words(
    """
    a an the of in on at by for and or to with from as is are was were be its it this that these
    those their between among into via using use der die das und von im zur zum mit bei für le la
    les des du de et en el los las del y un une il lo gli di da per con al s t
    """
)
"""Words that tell no title from another."""
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
} | dict(zip(["first", "second", "third", "fourth", "fifth", "sixth"], "123456", strict=True))
COUNTED = words(
    """
    part parts type types phase stage grade class classes group case chapter volume vol paper study
    report section series trial cohort wave year level generation lesson no number
    """
)
"""A letter after one of these is a Roman numeral."""
NOT_ROMAN = words("mi di mix dim vi mild civil xi li cd md id")
GENERIC = words(
    """
    editorial introduction preface foreword comment commentary letter reply response editor editors
    note notes discussion review news abstracts abstract index contents obituary announcement
    summary correspondence guest issue special report message president perspective conclusion book
    reviews overview erratum correction corrigendum retraction remarks brief articles appearing
    quarterly volume part list reviewers acknowledgment acknowledgement comments
    """
)
"""What a title of nothing in particular is made of."""
PREFIXES = words(
    """
    un non anti in im ir il dis a an pre post peri intra inter extra hyper hypo micro macro mono
    poly endo exo supra infra sub over under uni bi tri up down pro re de ex per trans super semi
    multi fe wo
    """
)
"""What makes another word of a word: "treated" and "untreated" are no spelling of each other."""
ENDINGS = words("s es e n al ly d ed ing ic ical ie")
NOBODY = words(
    """
    et al others null anonymous anon jr sr ii iii iv md phd prof dr the and nan none
    """
)
"""Words of an author field that name nobody."""
JOURNAL_SMALL = words(
    """
    the of and for in on a an de der die das la le et und y e i del di des du fur zur zum voor
    supplement supplements
    """
)
"""Words that an abbreviated journal leaves out."""
PREPRINTS = words(
    """
    medrxiv biorxiv arxiv preprints ssrn psyarxiv chemrxiv osf socarxiv chinaxiv techrxiv authorea
    researchsquare
    """
)
PREPRINT_DOIS = (
    *("10.1101/", "10.21203/", "10.48550/", "10.20944/preprints", "10.31234/", "10.2139/ssrn"),
    *("10.22541/au.", "10.26434/chemrxiv", "10.31219/", "10.12074/"),
)
LANGUAGES = {
    "en": words("the of and in with for on to by from after during between"),
    "de": words("der die das und von mit bei fur im zur zum des eine als"),
    "fr": words("le la les des du et dans pour par une au aux chez sur"),
    "es": words("el la los las del y en con por para una un como entre"),
    "it": words("il lo gli della delle nel nella e con per una dei di"),
    "pt": words("o os as do da dos das e em com por para uma no na"),
}
"""Small words that tell a title's language."""
LANGUAGE_NAMES = "|".join(
    sorted(
        words(
            """
            Arabic Bulgarian Chinese Croatian Czech Danish Dutch English Finnish French German Greek
            Hebrew Hungarian Italian Japanese Korean Norwegian Persian Polish Portuguese Romanian
            Russian Serbian Slovak Slovenian Spanish Swedish Turkish Ukrainian
            """
        )
    )
)
"""As a pattern."""
