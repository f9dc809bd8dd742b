"""A circle: its screen, tables, maps and layers."""
