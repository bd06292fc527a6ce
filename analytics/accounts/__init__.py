"""Databases: where the accounts live and the statements run.

Every statement to accounts goes through here, guarded alike, whether they are a loaded file or a
warehouse's table. What comes back is sums, or rows in batches for an export; an error is a sentence
without secrets or cells.
"""
