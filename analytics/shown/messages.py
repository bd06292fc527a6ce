"""Every text for people that the code holds, found in its source: what translators start from.

:mod:`docs.translations` (``make messages``) writes them into the template and the catalogues. The
rule that the code keeps to is in :mod:`analytics.declared.language`.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAYING: Mapping[str, int] = {"say": 1, "say_n": 2, "later": 1, "later_n": 2, "marked": 1}
"""What a text goes through, and how many of the first arguments are texts."""
ENGLISH = "english_"
"""A field or parameter of such a name takes a text that is said later."""

Source = tuple[str, str]
"""A file's path below the root, and its text."""


@dataclass(frozen=True, slots=True)
class Message:
    """A text as it stands in the code: where, and with its plural where it has one."""

    text: str
    plural: str | None
    path: str
    line: int

    @property
    def has_places(self) -> bool:
        """Whether values stand in it."""
        return bool(places(self.text) | places(self.plural or ""))


def sources(*parts: str) -> Iterator[Source]:
    """Yield the files of packages and modules below the root, by default all that speak."""
    for part in parts or ("analytics", "pages", "app.py"):
        base = ROOT / part
        for path in sorted(base.rglob("*.py")) if base.is_dir() else [base]:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def messages(files: Iterable[Source]) -> list[Message]:
    """Return every message of the files, in their order; one that stands twice comes twice."""
    trees = [(path, ast.parse(text)) for path, text in files]
    taken = _takers(tree for _, tree in trees)
    found = []
    for path, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found += [
                    Message(text, plural, path, line)
                    for text, plural, line in _texts(node, taken.get(called(node), ()))
                ]
    return sorted(found, key=lambda message: (message.path, message.line))


def said_wrong(files: Iterable[Source]) -> list[str]:
    """Return what keeps a message from being found or filled in, one sentence each."""
    return [
        f"{path}, line {node.lineno}: {fault}"
        for path, text in files
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and called(node) in SAYING
        for fault in _faults(node)
    ]


def places(text: str) -> set[str]:
    """Return the names of the places in a message."""
    found = set()
    for _, name, spec, _ in string.Formatter().parse(text):
        if name is not None:
            found |= {name.split(".")[0].split("[")[0], *places(spec or "")}
    return found


def called(node: ast.Call) -> str:
    """Return the bare name of what is called; nothing where it has none."""
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def english_arguments(node: ast.Call, parameters: Sequence[str]) -> dict[str, ast.expr]:
    """Return a call's arguments that are texts said later, by the names of their parameters.

    After a starred argument, parameters are counted from the last one back.
    """
    stars = [place for place, one in enumerate(node.args) if isinstance(one, ast.Starred)]
    first = stars[0] if stars else len(node.args)
    given = dict(zip(parameters, node.args[:first], strict=False))
    given |= dict(zip(reversed(parameters), reversed(node.args[first + 1 :]), strict=False))
    given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    return {name: value for name, value in given.items() if name.startswith(ENGLISH)}


def takers(files: Iterable[Source]) -> dict[str, tuple[str, ...]]:
    """Return the parameters of each class and function that takes texts said later, by its name."""
    return _takers(ast.parse(text) for _, text in files)


def _takers(trees: Iterable[ast.AST]) -> dict[str, tuple[str, ...]]:
    found = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                parameters = _parameters(node)
                if any(name.startswith(ENGLISH) for name in parameters):
                    found[node.name] = parameters
    return found


def _parameters(node: ast.ClassDef | ast.FunctionDef) -> tuple[str, ...]:
    """Return what a function, or a class by its fields, takes, in order."""
    if isinstance(node, ast.FunctionDef):
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        return tuple(argument.arg for argument in arguments)
    return tuple(
        item.target.id
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    )


def _texts(node: ast.Call, parameters: Sequence[str]) -> Iterator[tuple[str, str | None, int]]:
    """Yield the messages of a call: text, plural, line."""
    count = SAYING.get(called(node), 0)
    if count:
        given = [_literal(argument) for argument in node.args[:count]]
        if given and given[0]:
            yield given[0], given[1] if len(given) > 1 else None, node.args[0].lineno
        return
    said = english_arguments(node, parameters)
    one, many = said.get("english_one"), said.get("english_many")
    if one is not None and many is not None and (text := _literal(one)):
        yield text, _literal(many), one.lineno
        return
    for argument in said.values():
        if text := _literal(argument):
            yield text, None, argument.lineno


def _literal(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def _faults(node: ast.Call) -> Iterator[str]:
    name = called(node)
    texts = node.args[: SAYING[name]]
    if len(texts) < SAYING[name]:
        yield f"{name} is given too little"
        return
    for text in texts:
        declared = isinstance(text, ast.Name | ast.Attribute | ast.Subscript) and name != "marked"
        if _literal(text) is None and not declared:
            yield f"{name} takes one literal, or what is declared elsewhere"
            return
    if name == "marked" or any(keyword.arg is None for keyword in node.keywords):
        return
    given = {keyword.arg for keyword in node.keywords if keyword.arg}
    literals = [literal for text in texts if (literal := _literal(text))]
    wanted = set().union(*(places(literal) for literal in literals))
    if name in {"say_n", "later_n"}:
        given |= {"count"}
        wanted |= {"count"}
    if literals and given != wanted:
        yield f"places {sorted(wanted)} and values {sorted(given)} differ"
