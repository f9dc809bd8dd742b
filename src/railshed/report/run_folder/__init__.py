"""The folder that a run writes: files, record, verification."""
