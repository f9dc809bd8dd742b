"""Indicators of agglomerations and places: measures, tables, map."""
