"""Every problem of every file in one run, and what is only noted."""
