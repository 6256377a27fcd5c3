"""Numbers in, numbers out: effect sizes and meta-analysis; nothing of reviews."""
