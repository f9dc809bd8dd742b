"""How the railways of a network are run, and what that says of a planned line: its trains, stops
and run times.
"""
