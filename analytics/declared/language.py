"""The language that people are spoken to in: every text for people goes through this module.

The rule
--------
1. What is written in the code is English, and is its own key in the catalogues of other languages.
2. A text is said where it is shown: ``say("{rate} from score {score}", rate=..., score=...)``. Its
   first argument is one literal, a whole sentence or title, never an f-string and never put
   together from parts: word order is the translator's. What varies stands in named places.
3. A count goes through ``say_n``, which knows the plural forms of the language.
4. What is declared at import (registries, tables of titles) keeps its English and is said later:
   by a field or parameter whose name begins with ``english_``, with a property that says it, or by
   ``marked`` around the literal and ``say`` where it is shown.
   A sentence that a result holds is made by ``later`` or ``later_n`` and said by its ``str``.
5. Names that code and files hold (measures, reasons, columns, options) are never translated; nor
   are users' own words. Results, caches and links hold names, never texts.
6. What a user gave is repeated in quotation marks (``{text!r}``), and shortened there.
7. Files and records (JSON) keep one format: they hold names, and texts in English (the field
   ``english_...`` itself, or what is said within ``spoken(ENGLISH)``).

:mod:`analytics.shown.messages` finds every message in the code and writes the template that
translators start from; ``tests/shown/test_texts.py`` finds texts that do not go through here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import NullTranslations, translation
from pathlib import Path, PurePath

ENGLISH = "en"
CATALOGUES = Path(__file__).resolve().parents[1] / "shown" / "catalogue"
"""Holds ``<language>/LC_MESSAGES/headroom.mo`` for each language but English."""

_CUT = " ... "
LONG = 100
"""Characters of a user's text that are repeated."""
_WORD = re.compile(r"\S{201,}")
"""Longer than any word, and most paths."""

_IN_FORCE: ContextVar[NullTranslations] = ContextVar("language")


def say(message: str, /, **values: object) -> str:
    """Return a message in the language in force, its named places filled in.

    Parameters
    ----------
    message : str
        The English text; places are written as in a format string: ``{count:,}``.
    values
        What fills the places. Without any, the message is taken as it is, braces included.
    """
    said = _catalogue().gettext(message) if message else ""
    return said.format_map(_echoed(values)) if values else said


def say_n(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the message for a count in the language in force; ``{count}`` is a place of it."""
    said = _catalogue().ngettext(one, many, count)
    return said.format_map({"count": count, **_echoed(values)})


def shortened(text: str, most: int = LONG) -> str:
    """Return a text as it is repeated to whoever gave it: of a long one the start and the end."""
    if len(text) <= most:
        return text
    kept = most - len(_CUT)
    return f"{text[: kept - kept // 4]}{_CUT}{text[-(kept // 4) :]}"


class _Long(str):
    """A long text in a message: quoted, it is shortened; else each of its long words is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(shortened(str.__str__(self)))

    def __format__(self, form: str) -> str:
        return format(_WORD.sub(lambda word: shortened(word[0]), str.__str__(self)), form)


def _echoed(values: Mapping[str, object]) -> Mapping[str, object]:
    """Return what fills the places of a message, long texts so that they are shortened there."""
    return {
        name: _Long(value)
        if isinstance(value, str | PurePath) and len(str(value)) > LONG
        else value
        for name, value in values.items()
    }


def either(names: Iterable[object]) -> str:
    """Return names to choose from, in the language in force: ``a or b or c``."""
    return _joined(marked("{first} or {second}"), names)


def together(names: Iterable[object]) -> str:
    """Return names that belong together, in the language in force: ``a and b and c``."""
    return _joined(marked("{first} and {second}"), names)


def marked(message: str) -> str:
    """Return a message as it is: it is declared here and said where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that is found now and said later, whenever it is shown: results hold these.

    Its ``str`` is the sentence in the language in force then.
    """

    english: str
    english_many: str | None = None
    count: int = 0
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """Return the sentence in the language in force."""
        if self.english_many is None:
            return say(self.english, **self.values)
        return say_n(self.english, self.english_many, self.count, **self.values)


def later(message: str, /, **values: object) -> Sentence:
    """Return what :func:`say` returns, to be said when it is shown."""
    return Sentence(message, values=values)


def later_n(one: str, many: str, count: int, /, **values: object) -> Sentence:
    """Return what :func:`say_n` returns, to be said when it is shown."""
    return Sentence(one, many, count, values)


def set_language(language: str | NullTranslations) -> None:
    """Speak a language from now on in this context, named by its tag or given as its catalogue."""
    _IN_FORCE.set(_named(language) if isinstance(language, str) else language)


def language() -> str:
    """Return the tag of the language in force."""
    return _catalogue().info().get("language", ENGLISH)


@contextmanager
def spoken(language: str | NullTranslations) -> Iterator[None]:
    """Speak a language within a block, named by its tag or given as its catalogue."""
    token = _IN_FORCE.set(_named(language) if isinstance(language, str) else language)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def _joined(message: str, names: Iterable[object]) -> str:
    return functools.reduce(
        lambda first, second: say(message, first=first, second=second), map(str, names)
    )


def _catalogue() -> NullTranslations:
    return _IN_FORCE.get(_ENGLISH)


@functools.cache
def _named(language: str) -> NullTranslations:
    """Return the catalogue of a language; what it lacks, or all of it, is said in English."""
    if language == ENGLISH:
        return _ENGLISH
    return translation("headroom", CATALOGUES, [language], fallback=True)


_ENGLISH = NullTranslations()
