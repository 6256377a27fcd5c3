"""``review pool``: a meta-analysis of any table; no review needed."""
