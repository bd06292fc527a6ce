"""What the site holds beyond ``docs/``: documents from elsewhere, and one page a package."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "analytics"

ELSEWHERE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "RELEASING.md": "releasing.md",
    "SECURITY.md": "security.md",
    "benchmarks/results.md": "benchmarks.md",
    "sample_data/README.md": "sample-data.md",
}
"""Documents that lie outside ``docs/``, and their pages on the site."""

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the documents from elsewhere and the reference; put the reference into the navigation."""
    for source, page in ELSEWHERE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    style = (Path(__file__).parent / "site.css").read_text(encoding="utf-8")
    files.append(File.generated(config, "site.css", content=style))
    pages = {name: f"reference/{name}.md" for name in _packages()}
    for name, page in pages.items():
        files.append(File.generated(config, page, content=_reference(name)))
    config.nav = [_with_reference(entry, pages) for entry in config.nav or ()]
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Return a page with its links led to where the documents lie on the site."""
    here = page.file.src_uri
    source = {page: source for source, page in ELSEWHERE.items()}.get(here, f"docs/{here}")
    return _LINK.sub(lambda found: _led(found, source, here), markdown)


def _led(found: re.Match[str], source: str, here: str) -> str:
    """Return one link; what lies outside the site stays as it is, and the build refuses it."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), found["path"]))
    page = ELSEWHERE.get(target, target.removeprefix("docs/") if target.startswith("docs/") else "")
    if not page:
        return found[0]
    return posixpath.relpath(page, posixpath.dirname(here) or ".") + (found["anchor"] or "")


def _packages() -> Iterator[str]:
    """Yield the dotted name of every package, from the top down."""
    for init in sorted((ROOT / PACKAGE).rglob("__init__.py")):
        yield ".".join(init.parent.relative_to(ROOT).parts)


def _reference(package: str) -> str:
    """Return the page of a package: what it says of itself, then its modules."""
    folder = ROOT.joinpath(*package.split("."))
    modules = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    lines = [f"# {package}", "", f"::: {package}", "    options:"]
    lines += ["      members: false", "      show_root_heading: false", ""]
    for module in modules:
        lines += [f"::: {package}.{module}", "    options:", "      heading_level: 2", ""]
    return "\n".join(lines)


def _with_reference(entry: Any, pages: dict[str, str]) -> Any:
    if entry == {"Reference": "reference/"}:
        return {"Reference": [{name: page} for name, page in pages.items()]}
    return entry
