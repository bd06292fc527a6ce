"""What takes the project elsewhere: the container, the hosted checks, the hooks, the site."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from typing import Any

import pytest
import yaml

from analytics.cli import parameter_texts, reference
from analytics.cli.arguments import parsed
from analytics.cli.commands import COMMANDS
from tests.places import ROOT


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Containerfile in order, as (name, rest of the line)."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [
        (name, rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)
    ]


def last_stage() -> list[tuple[str, str]]:
    """Return the instructions of the stage that is shipped."""
    found = instructions()
    start = max(place for place, (name, _) in enumerate(found) if name == "FROM")
    return found[start:]


def only(name: str) -> str:
    (found,) = [rest for told, rest in last_stage() if told == name]
    return found


def copied() -> list[str]:
    """Return what the image takes from the repository."""
    words = [shlex.split(rest) for name, rest in instructions() if name == "COPY"]
    return [
        source
        for copy in words
        if not any(word.startswith("--from=") for word in copy)
        for source in copy[:-1]
    ]


def test_what_the_container_file_copies_exists_and_is_all_that_the_package_needs() -> None:
    sources = copied()
    assert all((ROOT / source).exists() for source in sources)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = packages["tool"]["setuptools"]["packages"]["find"]["include"]
    needed = {name.removesuffix("*") for name in included}
    needed |= {"app.py", "setup.py", "pyproject.toml", "README.md", "LICENSE"}
    assert needed | {".streamlit/config.toml", "requirements-app.txt"} == set(sources)


def test_the_build_sees_only_what_the_container_file_copies() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == set(copied())


def test_the_container_runs_as_an_ordinary_user_who_owns_nothing_in_it() -> None:
    user, group = only("USER").split(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    assert not any("--chown" in rest for _, rest in instructions())


def test_the_container_needs_no_shell() -> None:
    for name, rest in instructions():
        if name in {"RUN", "ENTRYPOINT", "CMD"}:
            assert isinstance(json.loads(rest), list)


def test_the_container_starts_the_app_where_its_health_is_asked_for() -> None:
    program, *words = json.loads(only("ENTRYPOINT"))
    options = parsed(words)
    assert program == "/opt/headroom/bin/headroom"
    assert (options.command, options.headless) == ("app", True)
    assert options.address == "0.0.0.0"  # noqa: S104 - inside the container
    assert str(options.port) == only("EXPOSE")
    check = json.loads(only("HEALTHCHECK").partition("CMD ")[2])
    assert f"http://127.0.0.1:{options.port}/_stcore/health" in check[-1]
    compile(check[-1], "HEALTHCHECK", "exec")


def test_the_container_writes_to_tmp_alone() -> None:
    places = dict(pair.split("=", 1) for pair in shlex.split(only("ENV")))
    assert places["HOME"] == "/tmp"  # noqa: S108 - the one place that can be written to
    assert places["HEADROOM_HOME"].startswith("/tmp/")  # noqa: S108 - the same
    assert places["PYTHONDONTWRITEBYTECODE"] == "1"
    document = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert "--read-only --tmpfs /tmp" in document


def loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_hosted_checks_run_what_a_desk_runs_with_the_least_rights_and_an_end() -> None:
    workflow = loaded(".github/workflows/ci.yml")
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    (job,) = workflow["jobs"].values()
    assert job["timeout-minutes"] == 90
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    assert "make docs" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_hosted_checks_run_on_every_python_that_the_package_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    (job,) = loaded(".github/workflows/ci.yml")["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == named
    assert f">={named[0]}" == project["requires-python"]
    assert job["steps"][1]["with"]["python-version"] == "${{ matrix.python }}"


def test_hooks_run_the_programs_of_make_lint_from_the_projects_own_environment() -> None:
    (repository,) = loaded(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    assert lint
    wanted = {line.strip().removeprefix("$(BIN)/") for line in lint[1].splitlines()}
    entries = {hook["entry"] for hook in repository["hooks"]}
    assert all(entry.startswith(".venv/bin/") for entry in entries)
    told = {entry.removeprefix(".venv/bin/").replace(" --force-exclude", "") for entry in entries}
    assert told == {line.removesuffix(" .") for line in wanted}
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}


def test_the_reference_of_commands_is_what_the_code_writes() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == reference.reference(), "docs/commands.md is of yesterday: make documents"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_the_help_of_a_command_shows_is_in_the_reference(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed([command, "--help"])
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", capsys.readouterr().out)) - {"--help"}
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"\n## headroom {command}\n" in text
    written = set(
        re.findall(r"--[a-z][a-z-]*", " ".join(re.findall(r"^\| `(.+?)` \|", text, re.MULTILINE)))
    )
    assert options <= written


RECORD: Any = parameter_texts.parameters_record()


@pytest.mark.parametrize(
    "parameter",
    [*RECORD["policy"], *RECORD["assumptions"]],
    ids=lambda parameter: parameter["name"],
)
def test_every_lever_and_assumption_is_in_the_reference(parameter: dict[str, str]) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith(f"| `{parameter['name']}` |")]
    assert parameter["help"] in row


def test_the_site_fetches_nothing_from_another_host_and_lists_every_document() -> None:
    settings = loaded("docs/site/mkdocs.yml")
    assert settings["theme"]["font"] is False
    assert not any(key in settings for key in ("extra_javascript", "repo_url"))
    assert not any("//" in style for style in settings["extra_css"])
    listed = (ROOT / "docs" / "site" / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r": ([\w-]+\.md)$", listed, flags=re.MULTILINE)
    documents = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert documents <= set(named)
