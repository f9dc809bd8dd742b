"""Fields of modifications: what they may hold, how a table is read with all that is wrong, and what
its names mean.
"""
