"""How current the review is, what waits for whom, and whether this machine can do the job."""
