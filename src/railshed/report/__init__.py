"""Reports: one document written from the numbers of circles and comparisons, as a page of HTML and
as a PDF.
"""
