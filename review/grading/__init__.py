"""Levels of evidence by OCEBM 2011, steps, appraisals, and what people sign."""
