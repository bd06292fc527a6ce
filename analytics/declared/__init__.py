"""What exists, and within which bounds: columns, scales, parameters, measures."""
