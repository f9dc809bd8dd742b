"""The network model: stations, trips, lines, cities, regions."""
