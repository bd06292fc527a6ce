"""Ratios of the product's speed to what a user would do instead, measured in one run.

``python -m benchmarks`` runs them all. Absolute times differ from machine to machine, and on a
shared one from minute to minute: so each rival is timed in turn with the product, and the ratios
of those pairs are what counts.
"""
