"""GTFS, read and written."""
