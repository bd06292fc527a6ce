"""Generated sample portfolios: synthetic accounts shaped like a consumer credit line book."""
