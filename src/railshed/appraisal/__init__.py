"""Portfolios of lines: ranking, attribution, suggestions, trade-offs, back-tests."""
