"""Documents that are written from the code: ``make documents`` writes them again."""
