"""Readers and writers of networks and inputs; every problem names its file, row and field."""
