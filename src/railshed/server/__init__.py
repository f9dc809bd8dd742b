"""The HTTP interface and the live page (extra `serve`): requests to answers of the rooms below, no
arithmetic.
"""
