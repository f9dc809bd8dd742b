"""Assumptions and readings: everything about a request that is a choice."""
