"""What exists, and within which bounds: columns, scales, parameters, measures.

Each is declared once, with its words, unit, bounds, default, mark and source. Widgets, checks,
helps, files and documents read it here.
"""
