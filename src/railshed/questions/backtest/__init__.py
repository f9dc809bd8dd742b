"""Openings of the past: what a forecast made before says, against what came."""
