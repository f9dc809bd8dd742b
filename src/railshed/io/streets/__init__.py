"""Readers of streets."""
