"""Drawn assumptions and how often a place is inside."""
