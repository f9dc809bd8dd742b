"""Blocks of text and tables, and what shows them: terminal and HTML."""
