"""What a scenario can do to a network: one resolver for each type of modification, all by one table of fields.

A resolver takes a `Modification` (the table as written, with the network that the ones before it have made) and
returns the changed network, or None after it has reported what is wrong.
"""
