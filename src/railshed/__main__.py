"""`python -m railshed`: the command line where its script is not on the path."""

from railshed.cli.main import run

if __name__ == "__main__":
    run()
