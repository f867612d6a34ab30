"""Measurements of the trainer against the ways in which pairs are trained elsewhere; ratios within one run."""
