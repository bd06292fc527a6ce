"""A memo for tests: it keeps every result, and notes which steps were made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from analytics.results.steps import Step, StepKind

T = TypeVar("T")


class Remembering:
    """Keeps the result of every step; ``made`` lists the kinds of those that it had to make."""

    def __init__(self) -> None:
        self.held: dict[Step, Any] = {}
        self.made: list[StepKind] = []

    def __call__(self, step: Step, make: Callable[[], T]) -> T:
        if step not in self.held:
            self.made.append(step.kind)
            self.held[step] = make()
        result: T = self.held[step]
        return result
