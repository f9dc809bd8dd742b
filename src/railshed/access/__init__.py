"""Seconds between entrances and stations: straight lines and streets."""
