"""Errors, units, files, caches, text and numbers; knows nothing of railways."""
