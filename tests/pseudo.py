"""A language of its own for tests: every word of a message stands in brackets.

Whatever word of an output has no brackets did not go through `say`, or is data or a name.
"""

from __future__ import annotations

import re
import string
from gettext import NullTranslations

_WORD = re.compile(r"</?[a-z][^>]*>|[A-Za-z][A-Za-z'-]*")
_SAID = re.compile(r"\[[^\[\]]*\]")


class Pseudo(NullTranslations):
    """The catalogue of the language."""

    def gettext(self, message: str) -> str:
        """Return a message with its words in brackets; places and markup stay."""
        return bracketed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the message of a count with its words in brackets."""
        return bracketed(msgid1 if n == 1 else msgid2)


def bracketed(message: str) -> str:
    """Return a message with each of its words in brackets."""
    parts = []
    for text, name, spec, conversion in string.Formatter().parse(message):
        words = _WORD.sub(lambda found: _in_brackets(found[0]), text)
        parts.append(words.replace("{", "{{").replace("}", "}}") if "{" in message else words)
        if name is not None:
            parts.append(f"{{{name}{'!' + conversion if conversion else ''}:{spec}}}")
    return "".join(parts)


def bare_words(output: str) -> set[str]:
    """Return the words of an output that stand outside of brackets."""
    return set(re.findall(r"[A-Za-z]\w+", _SAID.sub(" ", output)))


def _in_brackets(word: str) -> str:
    return word if word.startswith("<") else f"[{word}]"
