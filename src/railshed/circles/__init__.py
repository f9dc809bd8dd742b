"""One-hour circles: city models, surfaces, counts and polygons."""
