"""A generated sample portfolio: synthetic accounts shaped like a consumer credit line book."""
