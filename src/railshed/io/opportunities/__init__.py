"""Readers of people, jobs and other opportunities."""
