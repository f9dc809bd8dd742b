"""Maps for print and for the browser: circles, changes, agglomerations."""
