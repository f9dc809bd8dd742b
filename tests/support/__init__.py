"""Helpers of the tests: plain references, small networks, made inputs."""
