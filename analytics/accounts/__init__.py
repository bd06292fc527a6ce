"""The one door to the accounts: where they live, and all that is sent to them."""
