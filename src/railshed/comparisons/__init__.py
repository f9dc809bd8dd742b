"""What a scenario changes: before and after."""
