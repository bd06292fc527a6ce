"""The language of a command: its option, else the language of the terminal it runs in."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
from collections.abc import Mapping, Sequence

from analytics.declared.language import ENGLISH, LANGUAGES, either, is_chosen, nearest, say, spoken

OPTION = "--language"
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""What names the locale for messages; the first that is set counts."""
_PREFERRED = "LANGUAGE"
"""Languages in order of preference, separated by colons; heard where there is a locale at all."""
_NO_LOCALE = ("C", "POSIX")


def add_language(parser: argparse.ArgumentParser) -> None:
    """Add the option; what it says has been heard before the words are read."""
    parser.add_argument_group(say("the language")).add_argument(
        OPTION,
        type=_known,
        default=argparse.SUPPRESS,
        metavar="|".join(sorted(LANGUAGES, reverse=True)),
        help=say(
            "the language of what is printed (default: that of LANGUAGE, LC_ALL or LANG); files "
            "and JSON are the same in every language"
        ),
    )


def speaking(words: Sequence[str]) -> contextlib.AbstractContextManager[None]:
    """Return a block in which the language is spoken that a command line asks for.

    Where it asks for none, the environment does, unless a language was chosen already.
    """
    asked = _asked(words)
    if asked is None and is_chosen():
        return contextlib.nullcontext()
    return spoken(asked or of_environment(os.environ))


def of_environment(environment: Mapping[str, str]) -> str:
    """Return the language that a terminal's environment asks for, English where it is not ours."""
    locale = next((environment[name] for name in _LOCALES if environment.get(name)), "")
    if not locale or locale.partition(".")[0] in _NO_LOCALE:
        return ENGLISH
    preferred = [tag for tag in environment.get(_PREFERRED, "").split(":") if tag]
    known = (nearest(tag) for tag in (*preferred, locale))
    return next((language for language in known if language), ENGLISH)


def _asked(words: Sequence[str]) -> str | None:
    """Return the language that is named last among the words; None where none is, or is ours."""
    tags = [after for word, after in itertools.pairwise(words) if word == OPTION]
    tags += [word.partition("=")[2] for word in words if word.startswith(f"{OPTION}=")]
    return nearest(tags[-1]) if tags else None


def _known(text: str) -> str:
    """Return the language that is named.

    Raises
    ------
    argparse.ArgumentTypeError
        It is none of ours.
    """
    found = nearest(text)
    if found is None:
        raise argparse.ArgumentTypeError(
            say("{text!r} is not spoken here: give {languages}", text=text, languages=_names())
        )
    return found


def _names() -> str:
    return either(sorted(LANGUAGES, reverse=True))
