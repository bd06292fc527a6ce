"""Named failures. Each carries every fault it found, in words that a user can act upon."""

from __future__ import annotations

from collections.abc import Iterable


class HeadroomError(Exception):
    """A failure that the user can mend; its text is shown as it is, on pages and in the terminal.

    Parameters
    ----------
    faults : iterable of str
        One sentence a fault: what was given, what is allowed, what to do. Never a secret, never a
        cell of the data.
    """

    def __init__(self, faults: str | Iterable[str]) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class ParameterError(HeadroomError):
    """A value of a policy or an assumption is outside its bounds, or a name is unknown."""


class PolicyFileError(HeadroomError):
    """A policy file cannot be read back."""


class PortfolioError(HeadroomError):
    """A portfolio cannot be used: the file, its columns, or the values that it needs."""


class DatabaseError(HeadroomError):
    """A database did not answer, or refused."""


class ExportError(HeadroomError):
    """A result could not be written, or holds what the receiver must not get."""
