"""The atlas: a page an agglomeration, an index that compares them, each number once computed and kept."""
