"""The one door to the accounts: where they live, and all that is sent to them.

Every statement to accounts goes through here, guarded alike, whether they are a loaded file or a
warehouse's table. What comes back is sums, or rows in batches for an export; an error is a sentence
without secrets or cells.
"""
