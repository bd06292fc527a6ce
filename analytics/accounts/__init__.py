"""Databases: where the accounts live and the statements run."""
