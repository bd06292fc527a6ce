"""Simulate, and what is made of it.

The verb runs a policy as statements grouped by score and adds them up for every threshold. The
surface does so for every raise, and the rest is made of these: optimum, ranges, stress,
sensitivity, the business case, groups.
"""
