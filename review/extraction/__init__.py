"""Text to findings to drafts: quotes and their gate, tables, the second reader."""
