"""What data hold: tables of files, networks, scenarios and run times."""
