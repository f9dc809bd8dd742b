"""Journeys on compiled networks: profiles, travel times, traces."""
