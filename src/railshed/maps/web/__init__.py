"""Interactive maps as one HTML file."""
