"""Text files: their encoding, found or asked for, and a UTF-8 copy where it is another one."""

from __future__ import annotations

import codecs
import contextlib
from dataclasses import dataclass
from pathlib import Path

from analytics.declared.language import listed, say
from analytics.errors import PortfolioError
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.source import Source

CHUNK = 1 << 23
MAX_LINE = 1 << 23
"""Bytes without a line end after which no further line is looked for."""
PREVIEW_LINES = 5
CANDIDATES = ("gb18030", "big5", "cp1252", "shift_jis", "euc_kr", "cp1251", "latin-1", "utf-16-le")
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_NO_TEXT_FILES = frozenset(
    {"", "idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"}
)
"""Codecs of names and of source text; no file of accounts is written in them."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text file in UTF-8 whose lines end in one way.

    Parameters
    ----------
    path : Path
        The UTF-8 file: the source itself, or a copy.
    encoding : str
        Of the source.
    lines : int
        Lines, the last one counted whether it ends or not.
    start : int
        Bytes of the byte order mark.
    """

    path: Path
    encoding: str
    lines: int
    start: int


@dataclass(slots=True)
class _Counts:
    feeds: int = 0
    returns: int = 0
    pairs: int = 0
    last: int = 0
    since: int = 0
    """Bytes since the last line end."""

    def add(self, chunk: bytes) -> None:
        before = self.last
        self._check_line(chunk)
        self.feeds += chunk.count(b"\n")
        if b"\r" in chunk or before == 13:
            self.returns += chunk.count(b"\r")
            self.pairs += chunk.count(b"\r\n") + (before == 13 and chunk[:1] == b"\n")
        self.last = chunk[-1]

    def _check_line(self, chunk: bytes) -> None:
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self.since = self.since + len(chunk) if end < 0 else len(chunk) - end - 1
        if self.since >= MAX_LINE:
            raise PortfolioError(
                say(
                    "Line {line:,} is longer than {most:,} bytes, which no account takes: the file "
                    "is damaged, or is no list of accounts. Export it again.",
                    line=max(self.feeds, self.returns) + chunk.count(b"\n") + 1,
                    most=MAX_LINE,
                )
            )

    @property
    def uniform(self) -> bool:
        return self.returns == 0 or (self.returns == self.pairs == self.feeds)

    @property
    def lines(self) -> int:
        return self.feeds + (self.last != 10)


def read_text(source: Source, encoding: str | None) -> Text:
    """Return the source as UTF-8 text.

    Raises
    ------
    ChoiceNeeded
        The file is not UTF-8 and carries no mark of its encoding.
    PortfolioError
        The file is not in the declared encoding, or holds NUL bytes.
    """
    with source.path.open("rb") as handle:
        head = handle.read(4)
    mark = next(((m, name) for m, name in _MARKS if head.startswith(m)), None)
    chosen = _known(encoding) if encoding else None
    if mark and chosen and not _same_family(chosen, mark[1]):
        raise PortfolioError(
            say(
                "The file begins with the mark of {mark}, but {encoding} was declared: leave "
                "the encoding out.",
                mark=mark[1].upper(),
                encoding=encoding,
            )
        )
    found = mark[1] if mark else chosen or "utf-8"
    if found != "utf-8":
        return _copied(source, found)
    counts = _scan_utf8(source, declared=bool(chosen or mark))
    if counts.uniform:
        start = len(codecs.BOM_UTF8) if mark else 0
        return Text(source.path, "utf-8", counts.lines, start)
    return _copied(source, "utf-8-sig")


def _known(encoding: str) -> str:
    name = ""
    with contextlib.suppress(LookupError, ValueError):
        found = codecs.lookup(encoding).name
        with contextlib.suppress(UnicodeDecodeError):
            b"a".decode(found)
        name = found
    if name in _NO_TEXT_FILES:
        raise PortfolioError(
            say(
                "{encoding!r} is not known as an encoding of text: give one of utf-8, "
                "utf-16, {others}.",
                encoding=encoding,
                others=tuple(CANDIDATES),
            )
        )
    return {"gbk": "gb18030", "gb2312": "gb18030", "utf-8-sig": "utf-8"}.get(name, name)


def _same_family(declared: str, marked: str) -> bool:
    return declared == marked or (declared.startswith(marked) and marked != "utf-8")


def _scan_utf8(source: Source, *, declared: bool) -> _Counts:
    """Count lines while making sure that every byte is UTF-8 text."""
    counts, decoder = _Counts(), codecs.getincrementaldecoder("utf-8")()
    with source.path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            if b"\0" in chunk:
                raise _nul_bytes(source, counts.feeds + chunk[: chunk.index(b"\0")].count(b"\n"))
            try:
                if decoder.getstate()[0] or not chunk.isascii():
                    decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line = counts.feeds + chunk[: max(error.start, 0)].count(b"\n") + 1
                raise _other_encoding(source, line, declared=declared) from None
            counts.add(chunk)
    if decoder.getstate()[0]:
        raise _other_encoding(source, counts.lines, declared=declared)
    return counts


def _nul_bytes(source: Source, lines_before: int) -> PortfolioError:
    with source.path.open("rb") as handle:
        head = handle.read(200)
    if head[1::2].count(0) > len(head) // 4 or head[0::2].count(0) > len(head) // 4:
        wide = "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
        return ChoiceNeeded(
            say(
                "The file looks like UTF-16 without its mark: declare the encoding, for "
                "example --encoding {wide}.",
                wide=wide,
            ),
            option="encoding",
            choices=(Choice(wide, _preview(source.path, wide)),),
        )
    return PortfolioError(
        say(
            "The file holds a NUL byte in line {line}, so it is not a whole text "
            "file: export it again.",
            line=lines_before + 1,
        )
    )


def _other_encoding(source: Source, line: int, *, declared: bool) -> PortfolioError:
    if declared:
        return PortfolioError(
            say(
                "Line {line} is not UTF-8, which was declared or marked: declare the right "
                "encoding.",
                line=line,
            )
        )
    previews = ((name, _preview(source.path, name)) for name in CANDIDATES)
    choices = tuple(Choice(name, preview) for name, preview in previews if preview)
    names = listed(choice.value for choice in choices)
    return ChoiceNeeded(
        say(
            "The file is not UTF-8 (first seen in line {line}), and nothing in it says what "
            "it is: declare the encoding with --encoding, one of {names}.",
            line=line,
            names=names,
        ),
        option="encoding",
        choices=choices,
    )


def _preview(path: Path, encoding: str) -> tuple[str, ...]:
    """Return the first lines as an encoding reads them; nothing where it cannot."""
    with path.open("rb") as handle:
        head = handle.read(1 << 16)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeError:
        return ()
    if "\n" not in text[: 1 << 14] or "\0" in text:
        return ()
    return tuple(line[:200] for line in text.splitlines()[:PREVIEW_LINES])


def _not_in(encoding: str, line: int) -> PortfolioError:
    if encoding in ("utf-16", "utf-32") and line == 1:
        return PortfolioError(
            say(
                "The file does not begin with the mark of {family}: declare {encoding}-le or "
                "{encoding}-be, or export the file again as UTF-8.",
                family=encoding.upper(),
                encoding=encoding,
            )
        )
    return PortfolioError(
        say(
            "Line {line} or after is not {encoding}: declare another encoding, or export the "
            "file again as UTF-8.",
            line=line,
            encoding=encoding,
        )
    )


def _copied(source: Source, encoding: str) -> Text:
    """Write the source again in UTF-8, every line ending in one way."""
    target, counts = source.folder / "text", _Counts()
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    with source.path.open("rb") as handle, target.open("wb") as out:
        while True:
            chunk = handle.read(CHUNK)
            try:
                text = held + decoder.decode(chunk, final=not chunk)
            except UnicodeError:
                raise _not_in(encoding, counts.feeds + 1) from None
            held = ""
            if chunk and text.endswith("\r"):
                text, held = text[:-1], "\r"
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            if not counts.last:
                text = text.removeprefix("\ufeff")
            if "\0" in text:
                before = text[: text.index("\0")].count("\n")
                raise PortfolioError(
                    say(
                        "The file holds a NUL character in line {line}: export it again, or "
                        "declare its encoding.",
                        line=counts.feeds + before + 1,
                    )
                )
            if text:
                try:
                    encoded = text.encode("utf-8")
                except UnicodeError:
                    raise _not_in(encoding, counts.feeds + 1) from None
                counts.add(encoded)
                out.write(encoded)
            if not chunk and not held:
                break
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    return Text(target, name, counts.lines, 0)
