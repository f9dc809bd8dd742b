"""CSV tables with file, row and field of every problem."""
