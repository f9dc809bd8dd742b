"""Readers of train tables."""
