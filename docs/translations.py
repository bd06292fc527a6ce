"""The catalogues of the languages: kept in step with the code, compiled, and checked.

``python -m docs.translations`` (``make messages``) writes the template that a new language starts
from, takes every catalogue along with it, and compiles it. A text whose English has changed is a
missing one: nothing is guessed. With ``--check`` (``make lint``) nothing is written; what is wrong
is said, one line each.
"""

from __future__ import annotations

import argparse
import io
import string
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from analytics.declared.language import CATALOGUES
from analytics.shown import messages

TEMPLATE = CATALOGUES / "messages.pot"
WIDTH = 100
BRACES = "python-brace-format"
Key = str | tuple[str, ...] | list[str]
"""A text, or a text and its plural, as Babel names a message."""


class Plain(Catalog):
    """A catalogue whose header says nothing of when and with what it was written."""

    _KEPT = ("Language", "Plural-Forms", "MIME-Version", "Content-Type")

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header, the same on every day and machine."""
        kept = Catalog._get_mime_headers(self)  # noqa: SLF001 - Babel's property is built on it
        return [(name, value) for name, value in kept if name in self._KEPT]

    @mime_headers.setter
    def mime_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        Catalog._set_mime_headers(self, headers)  # noqa: SLF001 - the same


def template(found: Iterable[messages.Message]) -> Plain:
    """Return the messages of the code as the template of all catalogues, each once."""
    made = Plain(header_comment="# Headroom: the texts that people read.", fuzzy=False)
    for message in found:
        key = message.text if message.plural is None else (message.text, message.plural)
        flags = (BRACES,) if message.has_places else ()
        made.add(key, locations=[(message.path, message.line)], flags=flags)
    return made


def catalogues(folder: Path = CATALOGUES) -> list[Path]:
    """Return the catalogue of each language."""
    return sorted(folder.glob("*/LC_MESSAGES/headroom.po"))


def read(path: Path) -> Plain:
    """Return a catalogue as it was written, for the language that its folder names."""
    language = path.parents[1].name
    with path.open("rb") as file:
        held = read_po(file, locale=language)
    made = Plain(locale=language, header_comment=held.header_comment, fuzzy=False)
    for message in held:
        if message.id:
            made[message.id] = message
    return made


def taken_along(held: Catalog, found: Catalog) -> Catalog:
    """Take a catalogue along with the code: what is new is empty, what is gone is dropped."""
    held.update(found, no_fuzzy_matching=True, update_header_comment=False)
    held.obsolete.clear()
    for message in held:
        if message.fuzzy:
            message.flags.discard("fuzzy")
            message.string = "" if isinstance(message.id, str) else ("",)
    return held


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as translators edit it; places are named by file, so that lines may move.

    A file is named once for each message.
    """
    for message in catalogue:
        message.flags.discard("python-format")
    file = io.BytesIO()
    write_po(file, catalogue, width=WIDTH, include_lineno=False)
    return file.getvalue().rstrip() + b"\n"


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as the program reads it."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def faults(catalogue: Catalog, found: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue: what is missing, stale, or has other places."""
    wanted = {message.id for message in found if message.id}
    held = {message.id: message for message in catalogue if message.id}
    for key in sorted(wanted - held.keys(), key=str):
        yield f"missing: {_named(key)}"
    for key in sorted(held.keys() - wanted, key=str):
        yield f"stale: {_named(key)}"
    for key in sorted(wanted & held.keys(), key=str):
        yield from _faults_of(held[key])


def _faults_of(message: Message) -> Iterator[str]:
    said = message.string
    texts = (said or "",) if isinstance(said, str | None) else said
    if message.fuzzy or not all(texts):
        yield f"missing: {_named(message.id)}"
        return
    allowed = [places(text) for text in _texts(message.id)]
    for text in texts:
        if places(text) not in allowed:
            yield f"places differ: {_named(message.id)} and {text!r}"


def places(text: str) -> set[tuple[str, str, str]]:
    """Return the places of a text, each with how it is written.

    Which parts of a date stand where, and how, is the translator's: ``{day.month:02}``.
    """
    found = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            whole = "." not in name
            found.add((name.partition(".")[0], conversion or "", (form or "") if whole else ""))
    return found


def _texts(key: Key) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)


def _named(key: Key) -> str:
    return repr(_texts(key)[0])


def check() -> list[str]:
    """Return what is wrong with the catalogues of all languages, one line each."""
    found, wrong = template(messages.messages(messages.sources())), []
    for path in catalogues():
        held = read(path)
        wrong += [f"{path.parents[1].name}: {fault}" for fault in faults(held, found)]
        binary = path.with_suffix(".mo")
        if not binary.is_file() or binary.read_bytes() != compiled(held):
            wrong.append(f"{path.parents[1].name}: headroom.mo is not the compiled headroom.po")
    return wrong


def write() -> list[str]:
    """Write template and catalogues; return what a translator has to do, one line each."""
    found = template(messages.messages(messages.sources()))
    TEMPLATE.write_bytes(written(found))
    for path in catalogues():
        held = taken_along(read(path), found)
        path.write_bytes(written(held))
        path.with_suffix(".mo").write_bytes(compiled(read(path)))
    return check()


def main(words: Sequence[str] | None = None) -> int:
    """Write, or with ``--check`` only look; say what is wrong, and end with 1 if anything is."""
    parser = argparse.ArgumentParser(description="Keep the catalogues in step with the code.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    wrong = check() if parser.parse_args(words).check else write()
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
