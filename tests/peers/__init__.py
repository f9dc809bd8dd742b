"""Comparisons with other routers and with published figures."""
