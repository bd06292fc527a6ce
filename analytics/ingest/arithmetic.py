"""Arithmetic over a file's headers, as SQL: numbers, headers, + - * / and parentheses, no more."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from analytics.declared.language import say
from analytics.errors import PortfolioError

MAX_LENGTH = 500
MAX_DEPTH = 30
MAX_DIGITS = 38
SMALL_DIGITS = 18
"""DuckDB keeps a result within these where both operands are; more digits would overflow."""
_TOKEN = re.compile(
    r"[ \t]+|[-+*/()]|`(?P<quoted>[^`]+)`|(?P<word>[^\W\d]\w*)"
    r"|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?(?![\w.`])"
)
"""All that arithmetic is made of; a sign of any other meaning (# % ~ ...) is none of these."""
_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


@dataclass(frozen=True, slots=True)
class Number:
    """SQL for a number and its exact shape: digits before and after the point; None is binary.

    DuckDB adds, subtracts and multiplies DECIMAL exactly within 38 digits; a quotient, and what
    needs more digits, is computed in binary floating point.
    """

    sql: str
    whole: int | None
    scale: int | None

    @property
    def exact(self) -> bool:
        """Whether the number is a DECIMAL."""
        return self.whole is not None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A parsed expression: its text, its tree, and the headers in it."""

    text: str
    tree: ast.expr
    names: Mapping[str, str]

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers that the expression uses, in order, each once."""
        found = [self.names[n.id] for n in ast.walk(self.tree) if isinstance(n, ast.Name)]
        return tuple(dict.fromkeys(found))

    def compile(self, operands: Mapping[str, Number]) -> Number:
        """Return SQL for the expression over SQL for its headers."""
        return _compile(self.tree, {alias: operands[h] for alias, h in self.names.items()})


def parse_arithmetic(text: str) -> Arithmetic:
    """Return an expression over headers; a header that is no plain word stands in backquotes.

    Raises
    ------
    PortfolioError
        The text is too long or deep, or holds anything but numbers, headers, + - * / ( ).
    """
    if len(text) > MAX_LENGTH:
        raise _refused(
            text[:40] + "...",
            say("it is longer than {most} characters", most=MAX_LENGTH),
        )
    names: dict[str, str] = {}
    plain = _with_aliases(text, names)
    try:
        tree = ast.parse(plain.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise _refused(text, say("it cannot be read as arithmetic")) from None
    _check(tree, text, 0)
    if not names:
        raise _refused(text, say("it names no header of the file"))
    return Arithmetic(text, tree, names)


def _with_aliases(text: str, names: dict[str, str]) -> str:
    """Return the text with each header under a name of ours, so that none can be misread.

    A header stands in backquotes or is one word; either may be a word that Python keeps for
    itself, and neither meets a name of ours, since every header has one.
    """
    parts, at = [], 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise _refused(text, say("{sign!r} is no part of arithmetic", sign=text[at]))
        header = token["quoted"] or token["word"]
        if header:
            names[f"h{len(names)}"] = header
        parts.append(f" h{len(names) - 1} " if header else token[0])
        at = token.end()
    return "".join(parts)


def _refused(text: str, why: str) -> PortfolioError:
    return PortfolioError(
        say(
            "The arithmetic {text!r} is not taken, since {why}: use numbers, headers (in "
            "backquotes where they hold blanks or signs), + - * / and parentheses.",
            text=text,
            why=why,
        )
    )


def _check(node: ast.expr, text: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _refused(text, say("it is nested too deep"))
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            _check(left, text, depth + 1)
            _check(right, text, depth + 1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand, text, depth + 1)
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if not abs(value) < 1e15:
                raise _refused(text, say("a number in it is too large"))
        case ast.Name():
            pass
        case _:
            raise _refused(text, say("it holds something else than that"))


def _compile(node: ast.expr, operands: Mapping[str, Number]) -> Number:
    match node:
        case ast.Name(id=name):
            return operands[name]
        case ast.Constant(value=value):
            return _constant(value)
        case ast.UnaryOp(op=op, operand=inner):
            number = _compile(inner, operands)
            sign = "-" if isinstance(op, ast.USub) else "+"
            return Number(f"({sign}{number.sql})", number.whole, number.scale)
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, _compile(left, operands), _compile(right, operands))
    raise TypeError(type(node))


def _constant(value: object) -> Number:
    exact = Decimal(repr(value))
    text = format(exact, "f")
    whole, _, fraction = text.lstrip("-").partition(".")
    digits = len(whole) + len(fraction)
    if digits > MAX_DIGITS:
        return Number(f"CAST({value!r} AS DOUBLE)", None, None)
    return Number(f"CAST({text} AS DECIMAL({digits}, {len(fraction)}))", len(whole), len(fraction))


def _combined(op: ast.operator, a: Number, b: Number) -> Number:
    if isinstance(op, ast.Div):
        return Number(f"({_binary(a)} / nullif({_binary(b)}, 0))", None, None)
    sign = _SIGNS[type(op)]
    if a.whole is not None and b.whole is not None and a.scale is not None and b.scale is not None:
        if isinstance(op, ast.Mult):
            whole, scale = a.whole + b.whole, a.scale + b.scale
        else:
            whole, scale = max(a.whole, b.whole) + 1, max(a.scale, b.scale)
        if whole + scale <= MAX_DIGITS:
            wide = whole + scale > SMALL_DIGITS
            return Number(f"({_wide(a, wide=wide)} {sign} {_wide(b, wide=wide)})", whole, scale)
    return Number(f"({_binary(a)} {sign} {_binary(b)})", None, None)


def _wide(number: Number, *, wide: bool) -> str:
    """Return SQL for an exact number that leaves room for a result of more than 18 digits."""
    return f"CAST({number.sql} AS DECIMAL({MAX_DIGITS}, {number.scale}))" if wide else number.sql


def _binary(number: Number) -> str:
    return f"CAST({number.sql} AS DOUBLE)"
