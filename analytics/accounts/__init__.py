"""The one door to the accounts: where they live, and all that is sent to them.

Every statement goes through here, guarded, timed and stoppable alike, whether the accounts are a
loaded file or a warehouse's table. What comes back is sums, or rows in batches for an export; an
error is a sentence without secrets or cells.
"""
