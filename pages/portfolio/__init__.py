"""Pages about the portfolio."""
