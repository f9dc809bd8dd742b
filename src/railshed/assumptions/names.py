"""Names of readings and usual numbers that code refers to, without numpy: options need them before
a command runs.
"""

#: the reading of the headline, and the one shown where journeys end at no centre
HEADLINE = "door-to-door"
TO_TERMINALS = "door-to-station"

#: draws of the interval around a headline
N_DRAWS = 40
