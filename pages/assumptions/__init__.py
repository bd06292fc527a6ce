"""Pages about the assumptions."""
