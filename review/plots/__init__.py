"""Pictures as SVG text: deterministic, accessible, readable in light, dark and print.

Text is text; every mark has a title; colours come from classes that the site's style sheet sets for
both schemes (a stand-alone file brings its own), and nothing is told by colour alone.
"""
