"""Numbered states of the review, and what changed from one to the next."""
