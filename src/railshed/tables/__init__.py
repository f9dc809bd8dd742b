"""Tables of results in two languages."""
