"""What added lines change, computed from a baseline without a full run."""
