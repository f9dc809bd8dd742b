"""Measures of cities and agglomerations, computed from results."""
