"""Numba kernels: arrays in, arrays out.

Architecture invariant: a module here imports numpy, numba and `railshed.kernels` only; it uses no
ids, files, geometry or errors, never raises, and trusts its input, which `railshed.routing.compile`
casts and checks once.
"""
