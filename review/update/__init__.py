"""The monthly job and what it tells."""
