"""Every text for people goes through `say`, is found for translators, and is filled in whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.assumptions import PRESETS, Assumptions
from analytics.cli import main
from analytics.declared.assumption_parameters import ASSUMPTION_PARAMETERS, BAND_PARAMETERS
from analytics.declared.cases import CASES
from analytics.declared.columns import COLUMNS
from analytics.declared.currencies import KNOWN
from analytics.declared.language import spoken
from analytics.declared.measures import MEASURES
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.declared.regimes import CAPITAL, CONVERSION, PACKS
from analytics.export.assumptions_file import assumptions_csv
from analytics.export.policy_file import policy_csv
from analytics.ingest import load_file, load_sample
from analytics.policy import default_policy
from analytics.results.sensitivity.drivers import PROBABILITY, SCALES, SEVERITY
from analytics.results.simulation import simulate
from analytics.results.stress import SHIPPED
from analytics.shown import messages, tables
from tests.pseudo import Pseudo, bare_words
from tests.shown.texts import unsaid

ROOMS = ("analytics", "app.py", "pages")
"""What speaks to people."""

REGISTRIES = (
    *POLICY_PARAMETERS,
    *ASSUMPTION_PARAMETERS,
    *(band.declared for band in BAND_PARAMETERS),
    *CASES.values(),
    *COLUMNS,
    *KNOWN,
    *MEASURES,
    *CONVERSION,
    *CAPITAL,
    *PACKS,
    *(ruled for pack in PACKS for ruled in pack),
    *(PROBABILITY, SEVERITY, *SCALES.values()),
)


def declared_texts() -> Iterator[str]:
    """Yield the English texts of all registries, as they are when the program runs."""
    for row in REGISTRIES:
        for name in row.__dataclass_fields__:
            if name.startswith(messages.ENGLISH) and getattr(row, name):
                yield getattr(row, name)
    for parameter in (*POLICY_PARAMETERS, *ASSUMPTION_PARAMETERS):
        yield parameter.section
    for scenario in SHIPPED:
        yield from (scenario.title, scenario.source)


@pytest.fixture(scope="module")
def taken() -> dict[str, tuple[str, ...]]:
    return messages.takers(messages.sources())


def test_every_text_for_people_goes_through_say(taken: dict[str, tuple[str, ...]]) -> None:
    found = [
        f"{path}, line {text.line}: {text.words!r}"
        for path, source in messages.sources(*ROOMS)
        for text in unsaid(path, source, taken)
    ]
    assert not found, "\n".join(found)


def test_no_message_is_put_together_and_every_place_has_its_value() -> None:
    assert messages.said_wrong(messages.sources()) == []


def test_every_text_of_the_registries_is_found_for_translators() -> None:
    found = {message.text for message in messages.messages(messages.sources())}
    assert set(declared_texts()) <= found


def test_every_literal_that_is_said_is_found_for_translators() -> None:
    found = {message.text for message in messages.messages(messages.sources())}
    for path, source in messages.sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and messages.called(node) in messages.SAYING:
                for argument in node.args[:1]:
                    if isinstance(argument, ast.Constant) and argument.value:
                        assert argument.value in found, f"{path}, line {node.lineno}"


SIMULATE = ("simulate", "sample", "--by", "score_band", "--set", "limit_cap=none")
CHOICES = {
    choice
    for parameter in (*ASSUMPTION_PARAMETERS, *POLICY_PARAMETERS)
    for choice in parameter.choices
}
NAMES_AND_DATA = {"CNY", "Draft", *PRESETS, *"_".join(CHOICES).split("_")}


@pytest.mark.parametrize(
    "words",
    [
        SIMULATE,
        ("stress", "sample"),
        ("sensitivity", "sample", "--two", "funding_rate", "yield_rate"),
        ("optimise", "sample", "--subject-to", "ead_increment_rate<=5%", "--tiers"),
    ],
    ids=lambda words: words[0],
)
def test_every_word_that_a_command_prints_is_said(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    portfolio = load_sample().portfolio
    with spoken(Pseudo()):
        assert main(words) == 0
    output = capsys.readouterr().out
    for data in (portfolio.name, portfolio.fingerprint[:8]):
        output = output.replace(data, "")
    left = bare_words(output) - NAMES_AND_DATA
    assert {word for word in left if "_" not in word and not is_fingerprint(word)} == set()


def is_fingerprint(word: str) -> bool:
    return len(word) < 9 and set(word) <= set("0123456789abcdef")


RECORDS = (
    ("parameters",),
    ("simulate", "sample"),
    ("stress", "sample"),
    ("sensitivity", "sample"),
)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Return a file of accounts in which one is over its limit."""
    path = tmp_path / "odd.csv"
    path.write_text("account_id,score,credit_limit,balance\nA1,700,1000,2000\nA2,710,1000,5\n")
    return path


def test_a_record_is_english_in_every_language(
    odd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = []
    for catalogue in ("en", Pseudo()):
        with spoken(catalogue):
            for words in (*RECORDS, ("check", str(odd))):
                assert main((*words, "--json")) == 0
        # Sums of floating-point numbers may differ in their last digit from run to run.
        printed.append(re.sub(r"\d+\.\d+(e-?\d+)?", "0.0", capsys.readouterr().out))
    assert printed[0] == printed[1]


def test_a_file_is_english_in_every_language() -> None:
    portfolio = load_sample().portfolio
    policy = default_policy(portfolio.currency, portfolio.scale)
    assumptions = Assumptions.for_scale(portfolio.scale)
    simulation = simulate(portfolio, policy, assumptions)
    written = []
    for catalogue in ("en", Pseudo()):
        with spoken(catalogue):
            written.append(
                (
                    policy_csv(policy),
                    assumptions_csv(assumptions),
                    tables.bands_table(simulation).to_csv(),
                    tables.measures_table(simulation.total).to_csv(),
                )
            )
    assert written[0] == written[1]


def test_a_report_is_said_when_it_is_shown(odd: Path) -> None:
    report = load_file(odd).report
    assert any("1 account is over the limit." in sentence for sentence in report.warnings)
    with spoken(Pseudo()):
        assert "1 [account] [is] [over] [the] [limit]." in report.warnings
        assert all("[is] [missing]" in sentence for sentence in report.switched_off)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f():\n    return "No account is raised"', ["No account is raised"]),
        (
            'def f(n):\n    raise PortfolioError(f"The file has {n} rows.")',
            ["The file has {} rows."],
        ),
        ('TITLES = {"raised": "Raised"}', ["Raised"]),
        ('st.button("go")', ["go"]),
        ('row = {"Loss rate": 1, "proposed": 2}', ["Loss rate", "proposed"]),
        ('row = {"loss_rate": 1, "proposed": 2}', []),
        ('st.download_button("policy.csv")', []),
        ('figure.add_bar(name="x", text="share")', ["share"]),
        ("def f(n):\n    return f\"{n} {'row' if n == 1 else 'more rows'}\"", ["more rows"]),
        ('def f():\n    """Return a row."""\n    return say("A row of text")', []),
        ('def f(x):\n    return say_n("{count} row here", "{count} rows here", x)', []),
        ('Measure("x", "A title", "What it is.")', []),
        ('Measure("one two", "A title", "What it is.")', ["one two"]),
        ('import re\nre.compile("one two")', []),
        ('LOG.info("something happened here")', []),
        ('def f(c):\n    c.execute("SELECT one FROM two")', []),
        ('__all__ = ["Curve"]', []),
        ('assert x, "an assertion of ours"', []),
    ],
)
def test_a_text_is_known_by_its_look_or_its_place(
    taken: dict[str, tuple[str, ...]], source: str, found: list[str]
) -> None:
    assert [text.words for text in unsaid("x.py", source, taken)] == found


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ('say(f"{n} rows")', "takes one literal"),
        ('say("a " + b)', "takes one literal"),
        ('say("{n} rows")', "differ"),
        ('say("{n} rows", m=1)', "differ"),
        ('say_n("{count} row of {n}", "{count} rows", 2, n=1)', ""),
        ('say_n("a row")', "given too little"),
        ('marked(f"{n} rows")', "takes one literal"),
        ("say(TITLES[name])", ""),
        ('say("{x:>{width}}", x=1, width=2)', ""),
    ],
)
def test_a_message_said_wrong_is_found(call: str, fault: str) -> None:
    found = messages.said_wrong([("x.py", call)])
    assert bool(found) is bool(fault)
    assert all(fault in sentence for sentence in found)


def test_arguments_after_a_star_are_found() -> None:
    source = (
        "class Case:\n    low: int\n    high: int\n    english_source: str\n"
        'Case(*ends, "Half and twice")\nCase(1, 2, english_source="A third")\n'
    )
    found = messages.messages([("x.py", source)])
    assert [message.text for message in found] == ["Half and twice", "A third"]
