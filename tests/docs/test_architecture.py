"""The drawing of the rooms is what the modules import, and the file is what the code writes."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from docs.writer.architecture import QUESTIONS, architecture_markdown
from docs.writer.drawing import drawing_svg
from docs.writer.rooms import NOUNS, CircleError, House, first_sentence, house, imports_of
from docs.writer.written import written
from tests.places import ROOT
from tests.project.test_levels import LEVELS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def rooms() -> House:
    return house(ROOT)


@pytest.mark.parametrize("name", sorted(written()))
def test_every_written_document_is_what_the_code_writes(name: str) -> None:
    said = (ROOT / name).read_text(encoding="utf-8")
    assert said == written()[name], f"{name} is out of date: run make documents"


def folder_of(path: Path) -> str:
    """Return a file's room by the plainest rule: the folder that it lies in."""
    first, *rest = path.relative_to(ROOT).parts
    if first in ("app.py", "sample_data"):
        return first
    if first == "pages":
        return f"pages.{rest[0]}" if rest[0] in ("server", "shared") else "pages"
    if len(rest) > 1:
        return f"analytics.{rest[0]}"
    return "analytics.errors" if rest[0] == "errors.py" else NOUNS


def imported_folders(path: Path) -> set[str]:
    """Return the rooms that a file's imports name, by looking for the files that they mean."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            place = ROOT.joinpath(*name.split("."))
            for tried in (place, place.parent):
                if tried.with_suffix(".py").is_file():
                    found.add(folder_of(tried.with_suffix(".py")))
                    break
                if (tried / "__init__.py").is_file() and tried.name != "analytics":
                    found.add(folder_of(tried / "__init__.py"))
                    break
    return found


def real_arrows() -> set[tuple[str, str]]:
    files = [ROOT / "app.py"]
    for package in ("analytics", "pages", "sample_data"):
        files += (ROOT / package).rglob("*.py")
    return {
        (folder_of(path), other)
        for path in files
        for other in imported_folders(path)
        if other != folder_of(path)
    }


def test_the_table_has_exactly_the_imports_between_rooms() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("| room | what it is for | imports |")[1].split("\n\n")[0]
    told = set()
    for line in table.splitlines()[2:]:
        room, _, imported = line.strip("| ").split(" | ")
        told |= {(room.strip("`"), other) for other in re.findall(r"`([^`]+)`", imported)}
    assert told == real_arrows()


def drawn(svg: str) -> set[tuple[str, str]]:
    root = ET.fromstring(svg)  # noqa: S314 - the project's own file
    return {
        (arrow.attrib["data-from"], arrow.attrib["data-to"])
        for arrow in root.iter(f"{SVG}path")
        if arrow.get("class") == "arrow"
    }


def reached(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return all pairs that a path of arrows joins."""
    found = set(arrows)
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


def test_the_drawing_has_the_imports_and_none_that_others_imply() -> None:
    arrows = drawn((ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8"))
    real = real_arrows()
    assert arrows <= real
    assert reached(arrows) == reached(real)
    for arrow in arrows:
        assert arrow not in reached(arrows - {arrow}), f"{arrow} is implied by others"


def test_every_arrow_of_the_drawing_points_down_and_joins_two_boxes(rooms: House) -> None:
    root = ET.fromstring(drawing_svg(rooms))  # noqa: S314 - the project's own drawing
    names = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "name"]
    assert sorted(filter(None, names)) == sorted(rooms.rooms)
    for arrow in root.iter(f"{SVG}path"):
        if arrow.get("class") == "arrow":
            ends = re.findall(r"[\d.]+,([\d.]+)", arrow.attrib["d"])
            assert float(ends[0]) < float(ends[-1])


def test_no_arrow_goes_against_the_levels_of_the_code(rooms: House) -> None:
    level = {}
    for index, names in enumerate(LEVELS):
        for name in names:
            room = f"analytics.{name.split('.')[0]}"
            level.setdefault(room if room in rooms.rooms else NOUNS, index)
    assert set(level) == {name for name in rooms.rooms if name.startswith("analytics")} | {NOUNS}
    for room, other in rooms.arrows():
        if room in level:
            assert other in level, f"{room} imports {other}"
            assert level[other] <= level[room], f"{room} imports {other}, which lies below it"


def test_rooms_that_need_each_other_are_refused(tmp_path: Path) -> None:
    for name, source in {
        "app.py": '"""Frame."""',
        "analytics/__init__.py": '"""Engine."""',
        "analytics/one/__init__.py": '"""One."""',
        "analytics/one/a.py": '"""A."""\nfrom analytics.two import b',
        "analytics/two/__init__.py": '"""Two."""',
        "analytics/two/b.py": '"""B."""\ndef f():\n    import analytics.one.a',
        "pages/__init__.py": '"""Pages."""',
        "sample_data/__init__.py": '"""Sample."""',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    with pytest.raises(CircleError, match=r"analytics\.one, analytics\.two"):
        house(tmp_path)


def test_every_module_is_listed_with_its_first_sentence(rooms: House) -> None:
    text = architecture_markdown(rooms)
    for path in (ROOT / "analytics").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if path.name != "__init__.py" and name != "analytics/errors.py":
            assert f"| `{name}` | " in text
    assert "| `analytics/method/formulas.py` | Every formula of the method, once" in text


@pytest.mark.parametrize(("question", "name"), QUESTIONS, ids=[name for _, name in QUESTIONS])
def test_the_module_that_answers_a_question_defines_the_name(
    rooms: House, question: str, name: str
) -> None:
    path = rooms.module_with(name).path
    assert f"| {question} | `{path}` | `{name}` |" in architecture_markdown(rooms)
    source = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^(def {name}\(|class {name}\b|{name}\b.*=)", source, flags=re.MULTILINE)


def test_a_name_that_nothing_or_much_defines_is_refused(rooms: House) -> None:
    with pytest.raises(LookupError, match="no module"):
        rooms.module_with("no_such_name")
    with pytest.raises(LookupError, match=r"analytics\.policy"):
        rooms.module_with("set_values")


def test_imports_inside_functions_are_seen() -> None:
    source = "import a.b\ndef f():\n    from c import d, e\n"
    assert list(imports_of(source)) == ["a.b", "c.d", "c.e"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One line.", "One line."),
        ("Two\nlines. And more.", "Two lines."),
        ("Of 0.5 and more. Next.", "Of 0.5 and more."),
        ("Reads :mod:`analytics.cli.texts` and ``x``.\n\nMore.", "Reads `texts` and `x`."),
        ("", ""),
    ],
)
def test_a_first_sentence_is_one_line_of_markdown(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
