"""Identification: every source's whole strategy, imports, and how healthy a strategy is."""
