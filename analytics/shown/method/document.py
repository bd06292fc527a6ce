"""The sections in their order, and the whole as one document."""

from __future__ import annotations

from analytics.shown.method import choosing, effects, examples, risk, rules
from analytics.shown.method.sections import Section

SECTIONS: tuple[Section, ...] = (
    rules.question(),
    rules.portfolio(),
    rules.policy(),
    rules.raised(),
    effects.curve(),
    effects.response(),
    effects.measures(),
    risk.capital(),
    risk.groups(),
    risk.not_modelled(),
    choosing.policies(),
    choosing.sensitivity(),
    examples.examples(),
)
"""The numbers are those that the code cites: METHOD 7 is section 7."""

INTRODUCTION = """\
# Method: what every number means

Version 1 of the method. Written by `make documents` from the declarations that the code runs on;
the app shows the same text on its page Method. Change the declaration or the words beside it, not
this file.
"""


def method_markdown() -> str:
    """Return the whole method as one Markdown document, with a table of contents."""
    contents = "\n".join(f"- [{item.heading}](#{item.anchor})" for item in SECTIONS)
    sections = "\n\n".join(f"## {item.heading}\n\n{item.body}" for item in SECTIONS)
    return f"{INTRODUCTION}\n{contents}\n\n{sections}\n"
