"""What may be pooled of each question, pooled, and as tables and pictures."""
