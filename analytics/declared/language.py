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
5. Names that code and files hold (measures, reasons, columns, options) are never translated; nor
   are users' own words. Results, caches and links hold names, never texts.

:mod:`analytics.shown.messages` finds every message in the code and writes the template that
translators start from; ``tests/shown/test_texts.py`` finds texts that do not go through here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations, translation
from pathlib import Path

ENGLISH = "en"
CATALOGUES = Path(__file__).resolve().parents[1] / "shown" / "catalogue"
"""Holds ``<language>/LC_MESSAGES/headroom.mo`` for each language but English."""

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
    return said.format_map(values) if values else said


def say_n(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the message for a count in the language in force; ``{count}`` is a place of it."""
    said = _catalogue().ngettext(one, many, count)
    return said.format_map({"count": count, **values})


def marked(message: str) -> str:
    """Return a message as it is: it is declared here and said where it is shown."""
    return message


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


def _catalogue() -> NullTranslations:
    return _IN_FORCE.get(_ENGLISH)


@functools.cache
def _named(language: str) -> NullTranslations:
    """Return the catalogue of a language; what it lacks, or all of it, is said in English."""
    if language == ENGLISH:
        return _ENGLISH
    return translation("headroom", CATALOGUES, [language], fallback=True)


_ENGLISH = NullTranslations()
