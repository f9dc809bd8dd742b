"""Readers and writer of GTFS feeds."""
