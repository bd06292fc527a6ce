"""Accounts whose default is likely or whose loss is large: the exact transform of each pool."""

from __future__ import annotations

import numpy as np

from analytics.declared.arrays import Complexes, Flags, Floats, Ints
from analytics.method.chance.draws import Draws
from analytics.method.chance.lattice import Lattice

_TILT = 1e-3
"""By how much a bin of rounding weighs an outcome more."""

_CELLS = 2**15
"""Numbers that are multiplied at once: what a processor keeps near."""
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
    bins, off = lattice.nearest(draws.losses)
    happens: Flags = draws.chances.max(axis=2, initial=0.0) > 0.0
    moved = bool((np.abs(off[happens]) > 1e-9 * lattice.width).any())
    tilted = moved and float(draws.accounts.sum()) <= _FEW
    chances, nodes = draws.chances, draws.chances.shape[-1]
    spared = 1.0 - chances.sum(axis=0)
    if tilted:
        tilts = np.exp(off * (_TILT / lattice.width))[..., np.newaxis]
        chances = np.concatenate([chances, chances * tilts], axis=-1)
        spared = np.concatenate([spared, spared], axis=-1)
    elif moved:
        around, parts = lattice.shared(draws.losses)
        bins, shares = np.concatenate(around), np.concatenate(parts)
        chances, happens = np.concatenate([chances] * 3), np.concatenate([happens] * 3)
        chances = chances * shares[..., np.newaxis]
    found = np.ones((len(waves), chances.shape[-1]), dtype=np.complex128)
    counts, at_once = np.round(draws.accounts), max(_CELLS // max(found.size, 1), 1)
    for count in np.unique(counts):
        alike = np.flatnonzero(counts == count)
        used = np.flatnonzero(happens[:, alike].any(axis=1))
        product = np.ones_like(found)
        for first in range(0, len(alike), at_once):
            pools = alike[first : first + at_once]
            these = np.ix_(used, pools)
            turned = lattice.turned(waves, bins[these].T)
            product *= _product(turned, chances[these].swapaxes(0, 1), spared[pools])
        found *= _power(product, int(count))
    return found[:, :nodes], found[:, nodes:] if tilted else None


def _product(turned: tuple[Floats, Floats], chances: Floats, spared: Floats) -> Complexes:
    """Return the product over pools of an account's transform, shape (waves, nodes).

    Parameters
    ----------
    turned : real and imaginary part of the losses' transforms, shape (pools, waves, losses)
    chances : shape (pools, losses, nodes)
    spared : the chance of no loss, shape (pools, nodes)
    """
    cosine, sine = turned
    one = np.empty((*cosine.shape[:2], chances.shape[-1]), dtype=np.complex128)
    one.real = cosine @ chances + spared[:, np.newaxis]
    one.imag = sine @ chances
    found: Complexes = np.multiply.reduce(one, axis=0)
    return found


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
