"""Every column and key that an export writes is in the document, and nothing else is."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from analytics.assumptions import Assumptions
from analytics.declared.choices import ColumnMark
from analytics.export import export_policy, policy_csv
from analytics.export.assumptions_file import assumptions_csv
from analytics.export.bundle import FILES
from analytics.export.scenarios_file import scenarios_csv
from analytics.ingest import load_sample, rejects_csv
from analytics.policy import Policy, Tier
from analytics.portfolio import Portfolio
from analytics.results.simulation import simulate
from analytics.results.stress import SHIPPED
from analytics.results.surface import load_surface
from docs.writer.manifest_keys import PLACES
from tests.places import ROOT

TEXT = (ROOT / "docs" / "policy-files.md").read_text(encoding="utf-8")
STAMPED = dt.datetime(2026, 11, 24, 16, 30, 5, tzinfo=dt.UTC)
TIERED = Policy(
    score_threshold=700,
    tiers=(Tier(700, 0.1), Tier(800, 0.2)),
    max_increment=None,
    unknown_cells="pass",
    constraints=("net_value_increment>=0",),
)


@pytest.fixture(scope="module")
def sample() -> Portfolio:
    """The sample, as if a column had been computed and one been marked: a manifest says how."""
    return dataclasses.replace(
        load_sample().portfolio,
        derived=(("score", "from default_probability"),),
        marks=(("channel", ColumnMark.PROTECTED),),
    )


@pytest.fixture(scope="module")
def export(sample: Portfolio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    simulation = simulate(sample, TIERED, Assumptions())
    export_policy(simulation, folder, stamped=STAMPED, accounts="raised", viewing=True)
    return folder


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def columns_of(title: str) -> list[str]:
    """Return the first cells of the section's table of columns."""
    table = section(title).split("| column | cells |\n")[1].split("\n\n")[0]
    return [match[1] for match in re.finditer(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE)]


def header_of(data: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", ["policy", "accounts"])
def test_an_exported_table_and_its_copy_for_viewing_have_the_columns_told(
    export: Path, name: str
) -> None:
    told = columns_of(f"{name}.csv")
    assert header_of((export / f"{name}.csv").read_bytes()) == told
    assert header_of((export / f"{name}_for_viewing.csv").read_bytes()) == told


def test_assumptions_scenarios_and_rejects_have_the_columns_told(sample: Portfolio) -> None:
    assert header_of(assumptions_csv(Assumptions())) == columns_of("assumptions.csv")
    assert header_of(scenarios_csv(SHIPPED)) == columns_of("scenarios.csv")
    assert header_of("".join(rejects_csv(sample)).encode()) == columns_of("rejected.csv")


def test_the_surface_has_the_columns_told(sample: Portfolio) -> None:
    surface = load_surface(sample, Policy(), Assumptions(), raises=(0, 2_000))
    assert list(surface.table().columns) == columns_of("surface.csv")


def test_every_file_of_an_export_is_told(export: Path) -> None:
    assert {path.name for path in export.iterdir()} == set(FILES)
    for name in (*FILES, "assumptions.csv", "scenarios.csv", "rejected.csv", "surface.parquet"):
        assert f"`{name}`" in TEXT


def told_keys() -> dict[str, str]:
    """Return what each key holds, by its path."""
    row = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| [^|]+ \|$", flags=re.MULTILINE)
    rows = row.findall(section("manifest.json"))
    assert len(rows) == len(dict(rows))
    return dict(rows)


def leaves(value: Any, path: str, told: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield every value of a manifest with the path of its key, named as in the document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            open_ = [word for word in PLACES if any(t.startswith(_step(path, word)) for t in told)]
            yield from leaves(inner, _step(path, open_[0] if open_ else name), told)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from leaves(inner, f"{path}[]", told)
    else:
        yield path, value


def _step(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def kinds(value: Any) -> set[str]:
    """Return the words that may be said of a value."""
    if value is None:
        return {"null"}
    if isinstance(value, bool):
        return {"true or false"}
    if isinstance(value, int):
        return {"whole number", "number"}
    if isinstance(value, float):
        return {"number"}
    if isinstance(value, str):
        return {"text"}
    inner = {kind for item in value for kind in kinds(item)}
    lists = {"text": "texts", "whole number": "whole numbers", "number": "numbers"}
    return {f"list of {lists[kind]}" for kind in inner} or {f"list of {w}" for w in lists.values()}


def test_every_key_of_a_manifest_is_told_with_what_it_holds(export: Path) -> None:
    manifest = json.loads((export / "manifest.json").read_text(encoding="utf-8"))
    told = told_keys()
    written = dict.fromkeys(told, False)
    for path, value in leaves(manifest, "", told):
        assert path in told, f"{path} is written and not told"
        written[path] = True
        words = {word for part in told[path].split(", ") for word in part.split(" or ")}
        said = {"true or false"} if told[path] == "true or false" else words
        assert kinds(value) & said, f"{path} = {value!r} and is told to hold {told[path]}"
    never = [path for path, seen in written.items() if not seen]
    assert never == [], f"told and never written: {never}"


def test_every_word_in_capitals_is_explained() -> None:
    used = {word for path in told_keys() for word in re.findall(r"\b[A-Z]{3,}\b", path)}
    assert used == set(PLACES)
    for word in used:
        assert f"| `{word}` | " in TEXT


def test_a_policy_file_begins_as_told() -> None:
    first = policy_csv(Policy()).decode().splitlines()[1]
    row = ",".join(first.split(",")[:3])
    assert f"the format: `{row}`" in " ".join(section("policy.csv").split())
