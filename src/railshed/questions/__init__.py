"""Questions, one folder each: figures, words, tables, maps and layers of what is asked."""
