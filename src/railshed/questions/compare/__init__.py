"""Before and after: screen, tables, maps and layers of a comparison, of networks and of cities side
by side.
"""
