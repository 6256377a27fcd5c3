"""The site: pages as data, templates, one build."""
