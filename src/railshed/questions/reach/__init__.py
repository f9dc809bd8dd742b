"""Travel times between places and stations, as matrices."""
