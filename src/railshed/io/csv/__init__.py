"""Readers of CSV tables; every problem names its file, row and field."""
