"""What checks say of a network."""

from __future__ import annotations

from railshed.network.checks import validate
from railshed.network.model import Network


def texts(network: Network) -> list[str]:
    """Return the issues as they are printed."""
    return [str(issue) for issue in validate(network)]


def codes(network: Network) -> list[str]:
    """Return the codes of the issues."""
    return [issue.code for issue in validate(network)]
