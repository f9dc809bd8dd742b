"""The interactive page: what it holds and repaints."""
