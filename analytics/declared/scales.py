"""Score scales: their range, bands, PD curve and the threshold that an analyst starts from.

Everything that belongs to one scale is declared here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.declared.language import say
from analytics.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Curve:
    """A PD curve: ``anchor_odds`` good for one bad at ``anchor_score``, doubling every so often."""

    anchor_score: float
    anchor_odds: float
    points_to_double_odds: float


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """A scale of whole scores, higher is better.

    Parameters
    ----------
    lowest, highest : int
        The range of legal scores, both ends included.
    band_edges : tuple of int
        Lower edges of the eight score bands, ascending, the first being ``lowest``.
    default_threshold : int
        Where the threshold slider stands at first.
    curve : Curve or None
        The PD curve shipped for the scale; None where the user has to declare one.
    """

    name: str
    lowest: int
    highest: int
    band_edges: tuple[int, ...]
    default_threshold: int
    curve: Curve | None

    def __contains__(self, score: object) -> bool:
        return isinstance(score, int) and self.lowest <= score <= self.highest

    def __str__(self) -> str:
        return f"{self.lowest}-{self.highest}"


SESAME = ScoreScale(
    name="Sesame",
    lowest=350,
    highest=950,
    band_edges=(350, 550, 600, 650, 700, 750, 800, 850),
    default_threshold=800,
    curve=Curve(anchor_score=650, anchor_odds=49, points_to_double_odds=40),
)
FICO = ScoreScale(
    name="FICO",
    lowest=300,
    highest=850,
    band_edges=(300, 580, 620, 660, 700, 740, 780, 820),
    default_threshold=740,
    curve=Curve(anchor_score=680, anchor_odds=20, points_to_double_odds=40),
)
KNOWN = (SESAME, FICO)


def score_scale(lowest: int, highest: int) -> ScoreScale:
    """Return the scale with this range: a known one, or one cut in the proportions of Sesame's.

    Raises
    ------
    ParameterError
        The range is empty, negative, or too short for eight bands.
    """
    for known in KNOWN:
        if (known.lowest, known.highest) == (lowest, highest):
            return known
    if lowest < 0 or highest > 100_000 or highest - lowest < 16:
        raise ParameterError(
            say(
                "The score scale {lowest}:{highest} cannot be used: give the lowest and the "
                "highest score as whole numbers from 0 to 100000, at least 16 apart, for "
                "example 300:850.",
                lowest=lowest,
                highest=highest,
            )
        )
    width, known_width = highest - lowest, SESAME.highest - SESAME.lowest

    def moved(score: int) -> int:
        return lowest + round((score - SESAME.lowest) * width / known_width)

    return ScoreScale(
        name=f"{lowest}-{highest}",
        lowest=lowest,
        highest=highest,
        band_edges=tuple(moved(edge) for edge in SESAME.band_edges),
        default_threshold=moved(SESAME.default_threshold),
        curve=None,
    )


def parse_scale(text: str) -> ScoreScale:
    """Return the scale written as ``lowest:highest`` (or with a dash)."""
    parts = text.replace("-", ":").split(":")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise ParameterError(
            say(
                "The score scale {text!r} was not understood: write lowest:highest, for "
                "example 350:950 or 300:850.",
                text=text,
            )
        )
    return score_scale(int(parts[0]), int(parts[1]))
