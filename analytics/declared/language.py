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
5. Lists, dates and quotations are the language's own: :func:`listed`, :func:`either`,
   :func:`calendar_day` and ``{text!r}``, never ``", ".join`` or ``isoformat`` in a sentence.
6. Names that code and files hold (measures, reasons, columns, options) are never translated; nor
   are users' own words. Results, caches and links hold names, never texts.
7. What a user gave is repeated in quotation marks (``{text!r}``), and shortened there.
8. Files and records (JSON) keep one format: they hold names, and texts in English (the field
   ``english_...`` itself, or what is said within ``spoken(ENGLISH)``).

:mod:`analytics.shown.messages` finds every message in the code, from which the catalogues are kept
in step; ``tests/shown/test_texts.py`` finds texts that do not go through here.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import NullTranslations, translation
from pathlib import Path, PurePath

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "zh_CN": "中文"}
"""Each language that is spoken, by its tag, and what it calls itself."""
REMEMBERED = "headroom_language"
"""The cookie that keeps a browser's language, and the address that sets it: ``.../zh_CN``."""
CATALOGUES = Path(__file__).resolve().parents[1] / "shown" / "catalogue"
"""Holds ``<language>/LC_MESSAGES/headroom.mo`` for each language but English."""

_CUT = " ... "
LONG = 100
"""Characters of a user's text that are repeated."""
_WORD = re.compile(r"[^\s\u2e80-\uffef]{201,}")
"""Longer than any word, and most paths; Chinese writes whole sentences without a space."""

_IN_FORCE: ContextVar[NullTranslations] = ContextVar("language")


def say(message: str, /, **values: object) -> str:
    """Return a message in the language in force, its named places filled in.

    Parameters
    ----------
    message : str
        The English text; places are written as in a format string: ``{count:,}``.
    values
        What fills the places; a tuple of names is listed. Without any, the message is taken as it
        is, braces included.
    """
    said = _catalogue().gettext(message) if message else ""
    return said.format_map(_filling(values)) if values else said


def say_n(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the message for a count in the language in force; ``{count}`` is a place of it."""
    said = _catalogue().ngettext(one, many, count)
    return said.format_map({"count": count, **_filling(values)})


def shortened(text: str, most: int = LONG) -> str:
    """Return a text as it is repeated to whoever gave it: of a long one the start and the end."""
    if len(text) <= most:
        return text
    kept = most - len(_CUT)
    return f"{text[: kept - kept // 4]}{_CUT}{text[-(kept // 4) :]}"


class _Given(str):
    """A text in a message: quoted it is short, in the language's marks; else its long words are."""

    __slots__ = ()

    def __repr__(self) -> str:
        english = repr(shortened(str.__str__(self)))
        marks = _catalogue().gettext(_QUOTATION)
        if marks == _QUOTATION:
            return english
        return marks.format(text=english[1:-1].replace("\\'", "'"))

    def __format__(self, form: str) -> str:
        return format(_WORD.sub(lambda word: shortened(word[0]), str.__str__(self)), form)


def _filling(values: Mapping[str, object]) -> Mapping[str, object]:
    """Return what fills the places of a message: texts are short there, tuples listed."""
    every = _catalogue() is not _ENGLISH
    filled = {}
    for name, value in values.items():
        given = listed(value) if type(value) is tuple else value
        if isinstance(given, str | PurePath) and (every or len(str(given)) > LONG):
            given = _Given(given)
        filled[name] = given
    return filled


def either(names: Iterable[object]) -> str:
    """Return names to choose from, in the language in force: ``a or b or c``."""
    return _joined(names, marked("{before} or {name}"), marked("{first} or {second}"))


def together(names: Iterable[object]) -> str:
    """Return names that belong together, in the language in force: ``a and b and c``."""
    return _joined(names, marked("{before} and {name}"), marked("{first} and {second}"))


def listed(names: Iterable[object]) -> str:
    """Return names one after another, in the language in force: ``a, b, c``."""
    return say(", ").join(map(str, names))


def clauses(parts: Iterable[object]) -> str:
    """Return parts of a sentence one after another, in the language in force: ``a; b; c``."""
    return say("; ").join(map(str, parts))


def full_sentence(words: str) -> str:
    """Return words that say something with the full stop of the language in force."""
    return say("{words}.", words=words)


def calendar_day(day: dt.date) -> Sentence:
    """Return a day of the calendar, said when it is shown: 2026-10-31."""
    return later("{day.year}-{day.month:02}-{day.day:02}", day=day)


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


def nearest(tag: str) -> str | None:
    """Return the language of ours that a tag names: of ``zh-CN`` and ``zh_TW.UTF-8``, Chinese."""
    tongue = re.split(r"[-_.@]", tag.strip().lower())[0]
    return next((ours for ours in LANGUAGES if ours.partition("_")[0] == tongue), None)


def is_chosen() -> bool:
    """Return whether a language was chosen in this context; until then it is English."""
    return _IN_FORCE.get(None) is not None


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


def _joined(names: Iterable[object], before: str, last: str) -> str:
    """Return names joined by two messages: one before the last name, one at it."""
    *firsts, final = map(str, names)
    if not firsts:
        return final
    most = functools.reduce(lambda held, name: say(before, before=held, name=name), firsts)
    return say(last, first=most, second=final)


def _catalogue() -> NullTranslations:
    return _IN_FORCE.get(_ENGLISH)


@functools.cache
def _named(language: str) -> NullTranslations:
    """Return the catalogue of a language; what it lacks, or all of it, is said in English."""
    if language == ENGLISH:
        return _ENGLISH
    return translation("headroom", CATALOGUES, [language], fallback=True)


_QUOTATION = marked("'{text}'")
_ENGLISH = NullTranslations()
