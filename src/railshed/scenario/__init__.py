"""Scenarios: files, modifications, run times."""
