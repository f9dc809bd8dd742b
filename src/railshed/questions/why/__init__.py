"""Why a place is outside, and what would change it."""
