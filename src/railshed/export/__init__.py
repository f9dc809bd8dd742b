"""Results as files of GIS programs and matrices."""
