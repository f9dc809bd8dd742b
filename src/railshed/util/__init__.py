"""Errors, units, files, caches, text and numbers; without anything of railways."""
