"""Run times of lines that are not built yet."""
