"""Accounts whose default is rare: the logarithm of their transform, to the second order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.declared.arrays import Complexes, Floats, Ints
from analytics.method.chance.events import Losses
from analytics.method.chance.groups import Group, typical_mean
from analytics.method.chance.lattice import Lattice
from analytics.method.chance.model import FactorModel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rare:
    """Rare defaults: transforms on the grid of probabilities, and how the factor moves those.

    Parameters
    ----------
    real, imaginary : shape (waves, rows): transforms of the losses, less what they are at no wave
    moved : shape (rows, nodes)
    """

    real: Floats
    imaginary: Floats
    moved: Floats

    @classmethod
    def of(cls, group: Group, model: FactorModel, lattice: Lattice) -> Rare:
        """Return the rare defaults of some pools, summed on the grid whatever their number.

        An account's transform is 1 + e with e = chance x (transform of the loss - 1); the
        logarithm of it is e - e^2 / 2 and so on, and chances are small. A loss is shared by the
        bins around it.
        """
        events = group.events
        mean = typical_mean(events.level, events.rise)
        square = events.level[2] + events.rise[2]
        # One loss whose e has this mean and mean square: e^2 is then right up to the third power.
        typical = np.divide(square, mean, out=np.zeros_like(mean), where=mean > 0)
        chance = np.divide(mean, typical, out=np.zeros_like(mean), where=typical > 0)
        twice = Losses(
            np.stack([typical, 2.0 * typical]), np.outer([1.0, -0.5], chance**2 / events.accounts)
        )
        middle = (events.probability + events.riskier) / 2.0
        parts = (
            (events.probability, group.level, events.level[0], model.relative),
            (middle, group.rise, events.rise[0], model.slope),
            (events.probability, twice, np.ones_like(mean), model.relative**2),
        )
        masses, moved = [], []
        for probability, losses, weight, by in parts:
            mass = _spread(probability, losses, weight, model, lattice)
            used = mass.any(axis=1)
            masses.append(mass[used])
            moved.append(by[used])
        transform = np.fft.rfft(np.concatenate(masses), axis=1).T
        transform -= transform[0].copy()
        return cls(
            real=np.ascontiguousarray(transform.real),
            imaginary=np.ascontiguousarray(transform.imag),
            moved=np.concatenate(moved),
        )

    def size(self, which: slice) -> Floats:
        """Return the logarithm of the transform's size at nodes, shape (waves, nodes)."""
        return self._at_most_one(self.real @ self.moved[:, which])

    def exponent(self, waves: Ints, nodes: slice) -> Complexes:
        """Return the logarithm of the transform given the factor, shape (waves, nodes)."""
        moved = self.moved[:, nodes]
        found = np.empty((len(waves), moved.shape[1]), dtype=np.complex128)
        found.real = self._at_most_one(self.real[waves] @ moved)
        found.imag = self.imaginary[waves] @ moved
        return found

    @staticmethod
    def _at_most_one(logarithm: Floats) -> Floats:
        """No transform is larger than 1; two terms are where the factor makes defaults likely."""
        found: Floats = np.minimum(logarithm, 0.0)
        return found


def _spread(
    probability: Floats, losses: Losses, chance: Floats, model: FactorModel, lattice: Lattice
) -> Floats:
    """Return chances by grid point and bin; a pool lies between two points."""
    at, share = model.place(probability)
    places, values = [], []
    for amount, part in zip(losses.amount, losses.share, strict=True):
        for bins, on in zip(*lattice.shared(amount), strict=True):
            for row, row_share in ((at, 1.0 - share), (at + 1, share)):
                places.append(row * lattice.bins + bins)
                values.append(chance * part * row_share * on)
    size = len(model.probability) * lattice.bins
    mass = np.bincount(np.concatenate(places), np.concatenate(values), size)
    return mass.astype(np.float64, copy=False).reshape(-1, lattice.bins)
