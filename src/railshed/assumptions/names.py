"""Names of readings and usual numbers that code refers to, without numpy: options need them before
a command runs.
"""

#: the reading of the headline, and the one shown where journeys end at no centre
HEADLINE = "door-to-door"
TO_TERMINALS = "door-to-station"

#: draws of the interval around a headline, and of how a planned line is run
N_DRAWS = 40
N_PLANS = 200
#: objective of plans: minutes saved, by its short name
SAVED = "minutes"
#: orders that are drawn where candidates are too many for all of them
PERMUTATIONS = 200
