"""Reports sought: full texts, registry records, PDFs; what they say is for others to find."""
