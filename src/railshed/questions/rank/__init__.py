"""Which plans bring most: portfolios, ranking, suggestions, trade-offs."""
