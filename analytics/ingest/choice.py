"""A choice that is the user's: what can be chosen, how each would read, and the option to give."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from analytics.errors import PortfolioError


@dataclass(frozen=True, slots=True)
class Choice:
    """One reading of a file: the value to declare, and how its first lines look then."""

    value: str
    preview: tuple[str, ...] = ()


class ChoiceNeeded(PortfolioError):  # noqa: N818 - it asks; nothing is wrong
    """A file can be read in more than one way, and only its owner knows which is right.

    Parameters
    ----------
    option : str
        The field of the declaration (and the option of the command line) to give.
    choices : tuple of Choice
        Values that can be given, the likeliest first. Previews hold cells: for the page only.
    """

    def __init__(self, faults: str, *, option: str, choices: tuple[Choice, ...]) -> None:
        super().__init__(faults)
        self.option = option
        self.choices = choices


def argument(text: str) -> str:
    """Return a text as the argument of a command line that can be pasted.

    What has a blank or a sign stands in quotation marks, which every shell takes; where they would
    not keep it as it is, it is quoted as POSIX shells do.
    """
    if text and all(c.isalnum() or c in "_=./-" for c in text):
        return text
    return shlex.quote(text) if any(c in text for c in '"$`\\!') else f'"{text}"'
