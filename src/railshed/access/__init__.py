"""Seconds between doors and stations: straight lines and streets."""
