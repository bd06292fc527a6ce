"""The rooms of the project, read from its sources: what each is for, and what it imports.

Nothing is imported to find out. A room is a folder of ``analytics/`` or ``pages/``, the nouns are
the modules on top of ``analytics/``, and an arrow is an import from one room to another, wherever
in a module it stands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("analytics", "pages", "sample_data")
ERRORS = "analytics.errors"
NOUNS = "the nouns"
PAGES = "pages"
SHARED = "pages.shared"
OWN = ("server", "shared")
"""Folders of ``pages/`` that hold no pages, and are rooms of their own."""
FRAME = "app.py"
OF_NOUNS = "What goes into the one verb: the modules on top of `analytics/`."
OF_PAGES = "The pages, by section: read settings, get data, compute, show."


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its name and file, the first sentence it says of itself, what it imports.

    ``makes`` are the functions and classes on its top level, ``names`` its constants and aliases.
    """

    name: str
    path: str
    words: str
    imports: frozenset[str]
    makes: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Room:
    """Modules that belong together, and which other rooms they import."""

    name: str
    words: str
    modules: tuple[Module, ...]
    imports: frozenset[str]


class CircleError(Exception):
    """Rooms that import each other in a circle."""


@dataclass(frozen=True, slots=True)
class House:
    """All rooms by name; ``levels`` from the top down, a room below all that it imports."""

    rooms: Mapping[str, Room]
    levels: tuple[tuple[str, ...], ...]

    def arrows(self) -> frozenset[tuple[str, str]]:
        """Return every import between rooms: (importing room, imported room)."""
        return frozenset((r.name, other) for r in self.rooms.values() for other in r.imports)

    def reduced(self) -> frozenset[tuple[str, str]]:
        """Return the arrows without those that a path of other arrows implies."""
        reach = {name: self._reached(name) for name in self.rooms}
        return frozenset(
            (room, other)
            for room, other in self.arrows()
            if not any(other in reach[step] for step in self.rooms[room].imports - {other})
        )

    def module_with(self, name: str) -> Module:
        """Return the one module that defines a name: a function or class, else a constant.

        Raises
        ------
        LookupError
            None does, or several do.
        """
        modules = [module for room in self.rooms.values() for module in room.modules]
        found = [module for module in modules if name in module.makes]
        found = found or [module for module in modules if name in module.names]
        if len(found) != 1:
            places = ", ".join(module.name for module in found) or "no module"
            raise LookupError(f"{name} is defined in {places}: name what one module defines.")
        return found[0]

    def _reached(self, name: str) -> frozenset[str]:
        direct = self.rooms[name].imports
        return direct.union(*(self._reached(other) for other in direct))


def house(root: Path) -> House:
    """Return the rooms of the repository at ``root``.

    Raises
    ------
    CircleError
        Rooms import each other in a circle.
    """
    modules = {module.name: module for module in _modules(root)}
    by_room: dict[str, list[Module]] = {}
    for module in modules.values():
        by_room.setdefault(_room(module), []).append(module)
    rooms = {}
    for name, members in by_room.items():
        imported = {name for module in members for name in module.imports}
        reached = {_room(own) for found in imported if (own := _known(found, modules))}
        rooms[name] = Room(
            name=name,
            words=_words(name, members),
            modules=tuple(member for member in members if not _is_package(member, name)),
            imports=frozenset(reached - {name}),
        )
    return House(rooms=dict(sorted(rooms.items())), levels=_levels(rooms))


def imports_of(source: str) -> Iterator[str]:
    """Yield what a source imports, inside functions too: of ``from a import b``, ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def first_sentence(text: str) -> str:
    """Return the first sentence of a docstring, in one line of Markdown."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    plain = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", paragraph).replace("``", "`")
    match = re.match(r".*?[.](?= [A-Z]|$)", plain)
    return match[0] if match else plain


def _modules(root: Path) -> Iterator[Module]:
    """Yield every module of the program in the order of their names."""
    paths = [path for package in PACKAGES for path in (root / package).rglob("*.py")]
    for path in sorted([root / FRAME, *paths]):
        parts = path.relative_to(root).with_suffix("").parts
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        yield Module(
            name=".".join(parts[:-1] if parts[-1] == "__init__" else parts),
            path=path.relative_to(root).as_posix(),
            words=first_sentence(ast.get_docstring(tree) or ""),
            imports=frozenset(imports_of(source)),
            makes=frozenset(_made(tree)),
            names=frozenset(_named(tree)),
        )


def _made(tree: ast.Module) -> Iterator[str]:
    """Yield the names of functions and classes on the top level of a module."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _named(tree: ast.Module) -> Iterator[str]:
    """Yield the names of constants and aliases on the top level of a module."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _known(name: str, modules: Mapping[str, Module]) -> Module | None:
    """Return the module that an imported name is, or is in; None for one of another project."""
    parts = name.split(".")
    tried = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((modules[one] for one in tried if one in modules and one != "analytics"), None)


def _room(module: Module) -> str:
    """Return the name of a module's room, from where its file lies."""
    first, *rest = Path(module.path).parts
    if first == FRAME:
        return FRAME
    if first == "pages":
        return f"{PAGES}.{rest[0]}" if rest[0] in OWN else PAGES
    if first != "analytics":
        return first
    if len(rest) > 1:
        return f"{first}.{rest[0]}"
    return module.name if module.name == ERRORS else NOUNS


def _is_package(module: Module, room: str) -> bool:
    """Whether a file only stands for its room, or for the folder of all."""
    return module.path == room or module.name in {room, "analytics", "pages"}


def _words(room: str, members: Iterable[Module]) -> str:
    """Return what a room is for, as its own file says."""
    own = {NOUNS: OF_NOUNS, PAGES: OF_PAGES}
    files = {module.name: module.words for module in members}
    return own.get(room) or files[room.removesuffix(".py")]


def _levels(rooms: Mapping[str, Room]) -> tuple[tuple[str, ...], ...]:
    """Return the rooms by how long a chain of imports leads up from them, names in order."""
    placed: list[tuple[str, ...]] = []
    above: set[str] = set()
    while len(above) < len(rooms):
        ready = sorted(n for n, room in rooms.items() if n not in above and room.imports <= above)
        if not ready:
            left = ", ".join(sorted(set(rooms) - above))
            raise CircleError(f"These rooms import each other in a circle: {left}.")
        placed.append(tuple(ready))
        above.update(ready)
    return tuple(placed)
