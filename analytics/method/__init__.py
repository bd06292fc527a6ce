"""The method as arithmetic, each formula once.

A formula takes numbers, arrays and SQL columns alike, so that what a test checks by hand is what a
database runs. Guardrails say who is raised, limits to what, the response what follows, measures
what the sums mean. ``docs/method.md`` says the same in words.
"""
