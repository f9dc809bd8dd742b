"""Readers of OpenStreetMap railways."""
