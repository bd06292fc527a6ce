"""The sections in their order, and the whole as one document."""

from __future__ import annotations

from analytics.declared.language import say
from analytics.declared.method_version import METHOD_VERSION
from analytics.shown.method import choosing, customers, effects, examples, over_months, risk, rules
from analytics.shown.method.sections import Section


def sections() -> tuple[Section, ...]:
    """Return every section in the language in force, in order: METHOD 7 in the code is number 7."""
    return (
        rules.question(),
        rules.portfolio(),
        rules.policy(),
        rules.raised(),
        effects.curve(),
        effects.response(),
        effects.measures(),
        over_months.over_months(),
        risk.capital(),
        customers.customers(),
        risk.groups(),
        risk.not_modelled(),
        risk.moved(),
        choosing.policies(),
        choosing.sensitivity(),
        examples.examples(),
    )


def method_markdown() -> str:
    """Return the whole method as one Markdown document, with a table of contents."""
    introduction = say(
        """\
# Method: what every number means

Version {version} of the method. Written by `make documents` from the declarations that the code
runs on; the app shows the same text on its page Method. Change the declaration or the words beside
it, not this file.
""",
        version=METHOD_VERSION,
    )
    found = sections()
    contents = "\n".join(f"- [{item.heading}](#{item.anchor})" for item in found)
    bodies = "\n\n".join(f"## {item.heading}\n\n{item.body}" for item in found)
    return f"{introduction}\n{contents}\n\n{bodies}\n"
