"""The network folder: read and written."""
