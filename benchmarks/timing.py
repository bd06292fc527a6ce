"""Timing of two ways to the same result, in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.benchmark import Setting

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Clocked:
    """What one run took: seconds on the clock, and of processors, all threads together."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """The product and its rival, timed in turn: one entry a round."""

    ours: tuple[Clocked, ...]
    theirs: tuple[Clocked, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Seconds of ours for each of theirs, by round."""
        return tuple(a.wall / b.wall for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def milliseconds(self) -> tuple[float, ...]:
        """What ours took, by round."""
        return tuple(run.wall * 1e3 for run in self.ours)

    @property
    def note(self) -> str:
        """Both sides in milliseconds: the middle on the clock, the least of all processors."""
        clock, processor = (
            [choose(getattr(run, kind) for run in side) * 1e3 for side in (self.ours, self.theirs)]
            for kind, choose in (("wall", statistics.median), ("processor", min))
        )
        return (
            f"{clock[0]:,.0f} ms against {clock[1]:,.0f} ms; processors busy "
            f"{processor[0]:,.0f} ms against {processor[1]:,.0f} ms"
        )


def pairs(ours: Work, theirs: Work, setting: Setting) -> Pairs:
    """Time both in turn, each first in every other round, after a round that does not count."""
    ours()
    theirs()
    first: list[Clocked] = []
    second: list[Clocked] = []
    for number in rounds(setting):
        if number % 2:
            second.append(clocked(theirs))
            first.append(clocked(ours))
        else:
            first.append(clocked(ours))
            second.append(clocked(theirs))
    return Pairs(tuple(first), tuple(second))


def alone(work: Work, setting: Setting) -> tuple[Clocked, ...]:
    """Time something that has no rival, after a round that does not count."""
    work()
    return tuple(clocked(work) for _ in rounds(setting))


def busy(runs: Sequence[Clocked]) -> str:
    """Return in words how long the processors were busy, the least of all rounds."""
    return f"processors busy {min(run.processor for run in runs) * 1e3:,.1f} ms"


def rounds(setting: Setting) -> Iterator[int]:
    """Count rounds: as many as the setting asks for, and more while its time lasts."""
    end = time.perf_counter() + setting.seconds
    number = 0
    while number < setting.rounds or (number < 5 * setting.rounds and time.perf_counter() < end):
        yield number
        number += 1


def clocked(work: Work) -> Clocked:
    """Run something once and return what it took."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Clocked(time.perf_counter() - wall, time.process_time() - processor)
