"""Even steps of a sum, on which its distribution is convolved by Fourier transform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Floats, Ints

MANY_BINS, FEW_BINS = 4_096, 1_024
"""Bins where single losses are told apart, and where a sum is smooth; powers of 2."""
_SPARE = 8
"""Bins kept free, for what is rounded up."""
_WIDER = 1.5
"""How much wider than need be a bin may be, to divide the losses evenly."""

_HEAVIEST = 256
"""Losses that the width of a bin is chosen by."""

_ANGLES: Floats = -2.0 * np.pi * np.arange(MANY_BINS) / MANY_BINS
_COSINE, _SINE = np.cos(_ANGLES), np.sin(_ANGLES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """Bins of a sum from an origin on; sums beyond the last one come round to the first."""

    origin: float
    width: float
    bins: int

    @classmethod
    def over(
        cls, low: float, high: float, losses: Floats, weights: Floats, *, bins: int, whole: bool
    ) -> Lattice:
        """Return the lattice from a sum to another, finest where losses fall on its bins.

        Parameters
        ----------
        losses, weights : what is rounded to bins, and how much it matters
        bins : how many at most
        whole : whether sums are whole numbers, on bins of 1 if that will do
        """
        least = float(max(high - low, 1e-300)) / (bins - _SPARE)
        width = max(least, 1.0) if whole else _even(least, losses, weights)
        bins = min(2 ** int(np.ceil(np.log2((high - low) / width + _SPARE))), bins)
        return cls(origin=float(np.floor(low / width) * width), width=float(width), bins=bins)

    @property
    def waves(self) -> Ints:
        """The waves that a transform of real numbers has."""
        return np.arange(self.bins // 2 + 1)

    @property
    def values(self) -> Floats:
        """The sum at every bin."""
        found: Floats = np.arange(self.bins, dtype=np.float64) * self.width + self.origin
        return found

    def nearest(self, loss: Floats) -> tuple[Ints, Floats]:
        """Return the bin nearest to each loss, and what the loss is above it."""
        at = np.minimum(np.round(loss / self.width), self.bins - 1.0)
        return at.astype(np.int64), loss - at * self.width

    def shared(self, loss: Floats) -> tuple[Ints, Floats]:
        """Return the three bins that share each loss, and their shares; shape (3, ...).

        The shares keep the loss and its square (Lagrange's interpolation); one is below 0 where
        the loss lies between bins.
        """
        position = np.minimum(loss / self.width, self.bins - 3.0)
        first = np.maximum(np.round(position) - 1.0, 0.0)
        on = position - first
        shares = np.stack([(on - 1.0) * (on - 2.0) / 2.0, on * (2.0 - on), on * (on - 1.0) / 2.0])
        return np.stack([first, first + 1.0, first + 2.0]).astype(np.int64), shares

    def turned(self, waves: Ints, bins: Ints) -> tuple[Floats, Floats]:
        """Return the transform of a loss at each of some bins: its real and imaginary part.

        Parameters
        ----------
        bins : shape (pools, losses)

        Returns
        -------
        two float arrays of shape (pools, waves, losses)
        """
        steps = (bins * (MANY_BINS // self.bins))[:, np.newaxis]
        turns = (waves[:, np.newaxis] * steps) & (MANY_BINS - 1)
        return _COSINE[turns], _SINE[turns]

    def frequencies(self, waves: Ints) -> Floats:
        """Return the frequencies of some waves, radians per unit of the sum."""
        found: Floats = waves.astype(np.float64) * (2.0 * np.pi / (self.bins * self.width))
        return found


def _even(least: float, losses: Floats, weights: Floats) -> float:
    """Return the width, a whole part of the loss that matters most, that rounds losses least."""
    heaviest = np.argsort(-weights * losses, kind="stable")[:_HEAVIEST]
    losses, weights = losses[heaviest], weights[heaviest]
    main = losses[np.argmax(weights * losses**2)]
    parts = np.arange(max(np.ceil(main / (_WIDER * least)), 1.0), np.floor(main / least) + 1.0)
    if not len(parts):
        return least
    widths = float(main) / parts[::-1]
    steps = np.divide.outer(losses, widths)
    off = weights @ (np.abs(steps - np.round(steps)) * widths)
    return float(widths[np.argmax(off <= off.min() * (1.0 + 1e-6) + 1e-9 * least * weights.sum())])
