"""Screened, excluded, included: where each record stands, and by whose decision."""
