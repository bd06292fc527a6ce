"""Pages about what stands behind the figures."""
