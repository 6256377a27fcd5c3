"""The site's pages as data; ``review.publish`` renders and builds them."""

from review.publishing.pages.banner import announcement
from review.publishing.pages.contents import SECTIONS, make_pages
from review.publishing.pages.downloads import (
    claims_table,
    evidence_table,
    included_records,
    values_table,
)
from review.publishing.pages.syntheses import synthesis_tables
from review.publishing.pages.views import Labels, Page, Site, term_name
from review.publishing.pages.withdrawn import listing

__all__ = [
    "SECTIONS",
    "Labels",
    "Page",
    "Site",
    "announcement",
    "claims_table",
    "evidence_table",
    "included_records",
    "listing",
    "make_pages",
    "synthesis_tables",
    "term_name",
    "values_table",
]
