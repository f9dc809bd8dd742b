"""Readers of train tables: one row a train and station."""
