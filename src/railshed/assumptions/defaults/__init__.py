"""Shipped assumptions and readings."""
