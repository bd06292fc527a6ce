"""Simulate, and what is made of it."""
