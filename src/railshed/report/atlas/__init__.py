"""The atlas: a page an agglomeration, an index that compares them, each number computed once and stored."""
