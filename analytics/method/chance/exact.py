"""Accounts whose default is likely or whose loss is large: the exact transform of each pool."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Complexes, Flags, Floats, Ints
from analytics.method.chance.draws import Draws
from analytics.method.chance.lattice import Lattice

_TILT = 1e-3
"""By how much a bin of rounding weighs an outcome more."""

_FEW = 128
"""Accounts few enough that their sums are told apart."""
_SEEN = 1e-5
"""The chance from which on a bin is told from rounding."""


def bound(draws: Draws, lattice: Lattice, which: slice) -> Floats:
    """Return what the logarithm of the transform's size is at most, shape (waves, nodes).

    With the chance q0 of no loss and q of each, |q0 + sum q e^(i angle)|^2 is at most
    1 - 2 q0 sum q (1 - cos angle), and log(1 - x) at most -x.
    """
    bins, _ = lattice.nearest(draws.losses)
    chances = draws.chances[..., which]
    spared = draws.accounts[:, np.newaxis] * (1.0 - chances.sum(axis=0))
    mass = np.zeros((lattice.bins, chances.shape[-1]))
    for at, chance in zip(bins, chances, strict=True):
        np.add.at(mass, at, spared * chance)
    found: Floats = np.fft.rfft(mass, axis=0).real
    found -= found[0].copy()
    return found


def transform(draws: Draws, lattice: Lattice, waves: Ints) -> tuple[Complexes, Complexes | None]:
    """Return the transform of the pools' sum given the factor, shape (waves, nodes).

    Given the factor the accounts are independent: the transform of their sum is the product of
    theirs. Of many, a loss is shared by the bins around it.
    Of a few, it is moved to the nearest bin, so that a sum that can be is a bin; a second transform
    weighs every outcome by e^(what was moved x tilt), from which :func:`moved_back` knows what a
    bin's outcomes came to before. It is None where there is none to be moved.
    """
    happens: Flags = draws.chances.max(axis=2, initial=0.0) > 0.0
    bins, off = lattice.nearest(draws.losses)
    moved = bool((np.abs(off[happens]) > 1e-9 * lattice.width).any())
    tilted = moved and float(draws.accounts.sum()) <= _FEW
    nodes = draws.chances.shape[-1]
    found = np.ones((len(waves), 2 * nodes if tilted else nodes), dtype=np.complex128)
    for pool, accounts in enumerate(draws.accounts):
        these = happens[:, pool]
        at, chances = bins[these, pool], draws.chances[these, pool]
        spared = 1.0 - chances.sum(axis=0)
        if tilted:
            tilts = np.exp(off[these, pool, np.newaxis] * (_TILT / lattice.width))
            chances, spared = np.hstack([chances, chances * tilts]), np.tile(spared, 2)
        elif moved:
            at, shares = lattice.shared(draws.losses[these, pool])
            at = at.ravel()
            chances = np.vstack([chances] * 3) * shares.reshape(-1, 1)
        found *= _power(lattice.turned(waves, at) @ chances + spared, round(accounts))
    return found[:, :nodes], found[:, nodes:] if tilted else None


def moved_back(chance: Floats, tilted: Floats, lattice: Lattice) -> Floats:
    """Return what each bin's outcomes are above it on average, before they were moved to it."""
    seen = np.flatnonzero((chance > _SEEN) & (tilted > 0.0))
    if not len(seen):
        return np.zeros(lattice.bins)
    off = np.log(tilted[seen] / chance[seen]) * (lattice.width / _TILT)
    # An atom at a bin is there but for rounding.
    off = np.round(off / lattice.width, 6) * lattice.width
    found: Floats = np.interp(np.arange(lattice.bins), seen, off)
    return found


def _power(base: Complexes, exponent: int) -> Complexes:
    """Return a power by repeated squaring, several times as fast as by logarithms."""
    found: Complexes | None = None
    while exponent:
        if exponent & 1:
            found = base if found is None else found * base
        exponent >>= 1
        if exponent:
            base = base * base
    return np.ones_like(base) if found is None else found
