"""The method as arithmetic, each formula once."""
