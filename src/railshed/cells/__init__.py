"""The grid, and people and other columns on its cells."""
