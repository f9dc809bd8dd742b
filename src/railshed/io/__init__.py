"""Readers: files with raw rows in, frozen things of `railshed.network.model` out, problems by file, row and field."""
