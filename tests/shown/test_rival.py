"""A rival's line in words: the better choice first, and customers that cost money said as such."""

from __future__ import annotations

import pytest

from analytics.declared.choices import RivalVerdict
from analytics.method.rival import matrix
from analytics.results.rival import Rival
from analytics.shown.rival import choice_sentence, rival_sentences, stake_sentence


def of(value: float, stake: float, verdict: RivalVerdict, *, raised: int = 9) -> Rival:
    return Rival(
        label="Total",
        raised=raised,
        at_stake=stake,
        reach=0.6,
        matrix=matrix(value, stake),
        break_even_reach=0.25 if verdict is RivalVerdict.DEPENDS else None,
        verdict=verdict,
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (of(30, 20, RivalVerdict.RAISE), "Raising is better whether or not the rival raises."),
        (
            of(-30, -20, RivalVerdict.DO_NOT_RAISE),
            "Not raising is better whether or not the rival raises.",
        ),
        (
            of(-5, 20, RivalVerdict.DEPENDS),
            "Raising is better if the rival raises, and not raising if it does not.",
        ),
        (
            of(5, -20, RivalVerdict.DEPENDS),
            "Raising is better if the rival does not raise, and not raising if it does.",
        ),
        (of(0, 0, RivalVerdict.NO_DIFFERENCE), "are worth the same, whatever the rival does."),
        (of(0, 0, RivalVerdict.NO_DIFFERENCE, raised=0), "Nobody is raised: "),
    ],
)
def test_the_choice_is_said(found: Rival, words: str) -> None:
    assert words in choice_sentence(found)
    assert rival_sentences(found)[0] == choice_sentence(found)


def test_what_is_at_stake_is_said_as_what_it_is() -> None:
    assert "what a rival that raises alone takes" in stake_sentence(of(1, 20, RivalVerdict.RAISE))
    assert "those customers lose money" in stake_sentence(of(1, -20, RivalVerdict.RAISE))
    assert "Nothing is at stake" in stake_sentence(of(1, 0, RivalVerdict.RAISE))


def test_the_reach_of_break_even_and_the_days_are_said() -> None:
    said = rival_sentences(of(-5, 20, RivalVerdict.DEPENDS), days=30)
    assert any("worth the same at a reach of 25.0 %" in one.replace("\xa0", " ") for one in said)
    assert said[-1].startswith("The raise lasts 30 days")
    assert len(rival_sentences(of(0, 0, RivalVerdict.NO_DIFFERENCE, raised=0), days=30)) == 1
