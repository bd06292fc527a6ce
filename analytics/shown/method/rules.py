"""Sections 1 to 4: the question, the portfolio, the policy, and who is raised to what limit."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.declared.choices import Binding, Reason
from analytics.declared.columns import MAX_MONEY, MINOR_UNITS, OPTIONAL
from analytics.declared.evidence import EVIDENCE_RAISE
from analytics.declared.language import marked, say
from analytics.declared.parameters import BASIS_POINTS, find, percent_text
from analytics.declared.policy_parameters import POLICY_PARAMETERS
from analytics.method.guardrails import GUARDRAILS, REASONS, Guardrail
from analytics.method.limits import BINDINGS
from analytics.policy import Policy
from analytics.portfolio import accounts_relation
from analytics.shown.markdown import code, formulas, table
from analytics.shown.method import registry
from analytics.shown.method.sections import Section
from analytics.shown.words import binding_title, reason_title

MARKS = marked(
    "**[E]** evidence (the study is named), **[R]** regulation, **[P]** common practice, "
    "**[A]** assumption of ours"
)
"""How a value is supported, in words."""

OUTCOMES: Mapping[str, tuple[str, str]] = {
    Reason.SCORE_BELOW_THRESHOLD: (marked("score < score_threshold"), marked("always")),
    Reason.RAISE_TOO_SMALL: (
        marked(
            "new limit - L < max(min_increment, smallest unit of money) for any other cause: "
            "rounding, largest raise, a small line"
        ),
        marked("always"),
    ),
    Reason.HELD_OUT: (
        marked("it would be raised, and the draw below keeps it as it is"),
        marked("where `holdout_rate` is above 0"),
    ),
    Reason.RAISED: (marked("nothing failed"), ""),
}
"""What the reasons that are no guardrails and follow no lever mean, and when they are in force."""

_LEAVES_TOO_LITTLE = marked(
    "the target would be raise enough, and the lowest ceiling, which is this, leaves less than "
    "the smallest raise"
)
BY_LEVER: Mapping[str, tuple[str, str]] = {
    Reason.UNKNOWN_DATA: (
        "unknown_cells",
        marked(
            "a blank cell in the column of a rule in force, or a blank income under a ceiling on "
            "incomes"
        ),
    ),
    Reason.AT_LIMIT_CAP: ("limit_cap", _LEAVES_TOO_LITTLE),
    Reason.AT_INCOME_MULTIPLE: ("income_multiple", _LEAVES_TOO_LITTLE),
    Reason.UNAFFORDABLE: ("affordability", _LEAVES_TOO_LITTLE),
}
"""The lever that a reason follows, and what the reason means."""

BINDING_WORDS = {
    Binding.RAISE_RATE: marked("L x (1 + raise), the raise of the account's tier or the flat one"),
    Binding.MAX_INCREMENT: marked("L + largest raise, where the raise alone would give more"),
    Binding.LIMIT_CAP: marked("the cap, where it is below the target"),
    Binding.INCOME_MULTIPLE: marked(
        "multiple x monthly income, where income is known and that is below the target and the cap"
    ),
    Binding.AFFORDABILITY: marked(
        "the highest limit whose minimum payment the income bears, where income is known and that "
        "is below all of these"
    ),
}


def question() -> Section:
    """Return the section on the question, the triple and the marks."""
    body = say(
        """
A lender with revolving credit lines asks: *if we raise the limit by r % for every eligible customer
with a score of at least T, what happens to total limit, exposure, projected defaults, loss and
profit, and to the customers themselves?*

The **baseline** raises nobody; the **proposed** side is the policy. Both run over the same rows,
and every result is a triple: baseline, proposed, **increment** = proposed - baseline, in that
order.

*Exposure* alone could mean three things, so it is never said alone: **limit** is credit granted,
**balance** is credit drawn, **EAD** is the exposure at default.

Marks say how a value is supported: {marks}. Every value
that carries one can be changed; what was changed is said on every page and in every export.

Letters in formulas: L limit, B balance, p default probability over 12 months, g loss given default,
c credit conversion factor, dB what is drawn of a raise. A 0 stands for before the raise, a 1 for
after it.
""",
        marks=say(MARKS),
    )
    return Section(1, say("The question"), body.strip())


def portfolio() -> Section:
    """Return the section on the columns of a portfolio and their contract."""
    body = say(
        """
One row is one account on one day. Money is in the portfolio's one currency, at least 0, with at
most two decimals, at most {max_money:,} an account; it is held as whole 1/{minor_units} of the
unit, so that limits, raises and their sums are exact and do not depend on the order of rows.
Floating point enters with the response. Rates are decimals (0.2) in code and files, percent on
screen.

{columns}

Any other text column is a **segment**: results are given by its values. A blank cell of a segment
is the group (blank).

A rule whose column is absent is **not applied**, and every page, file and printed result says so by
name. A blank cell in an optional column is unknown: where a rule or a ceiling in force needs it,
the account is held as it is, or passes if the policy says so (`unknown_cells`), and the number of
such accounts is said wherever the rule is reported. A blank default probability comes from the
curve of section 5, a blank loss given default from the assumption; a blank for payments elsewhere
is 0, for a transactor it is no, and `months_since_limit_change` counts from the opening where the
limit never changed. A column that is blank throughout counts as absent.

Default probabilities have a horizon: 12 months unless another, h, is declared (1 for a model of one
month), and then p = 1 - (1 - p_h)^(12 / h).

What was seen after the day of the balances (defaulted, charged off and the like) is an **outcome**:
it may be compared with what was expected, and is never an input, a segment or a tier. Segments that
are named after a protected basis (age, sex, marital status, religion and the like) may be looked
at, and never set tiers or rules.

A row that breaks the contract (a required cell missing, not a number, negative, an id that stands
twice, a score off the scale, and so on) is left out of every figure, counted and listed with its
line, column, value and reason. Nothing is mended in silence.

The portfolio's fingerprint is that of the file's bytes and of how it was read: the same rows in
another order have another one, and the same `accounts.csv`.

### Score scales

{scales}

Any other scale can be declared: its bands are cut in the proportions of the first, and it needs a
default probability for every account or a curve of its own. A portfolio without a declared scale is
read on the first, and says so.
""",
        max_money=MAX_MONEY,
        minor_units=MINOR_UNITS,
        columns=registry.columns_table(),
        scales=registry.scales_table(),
    )
    return Section(2, say("The portfolio"), body.strip())


def policy() -> Section:
    """Return the section on the levers of a policy."""
    body = say(
        """
A policy is a value of every lever. Rates are whole basis points (0.01 %), so that the raise is
exact. In place of one raise there can be **tiers**: from a score on, up to the next tier, a raise
of its own; the first begins at the threshold. A policy can hold **constraints** too (section 14);
they raise nobody.

{levers}

Currency and score scale set where some levers stand at first: the limit cap is that of the
currency, and none where the currency has none; the threshold is that of the scale.

**The evidence ends at {evidence}.** The studies behind the response looked at raises of 10 to
{evidence}. A larger raise is computed, and marked as beyond the evidence wherever it is shown;
the best policy is looked for within the evidence first.

A **rule book** sets levers and assumptions that belong together: section 9.

### The hold-out draw

The share `holdout_rate` of the accounts that **would be raised**, sized and large enough, is kept
as it is, to measure the effect later: drawn last, so that the two arms differ by chance alone. The
limit that it would have had is kept for both arms (`would_be_limit`). The draw depends on the seed
and the account's id alone, so that every database and every run holds out the same accounts:

{formulas}
""",
        levers=registry.levers_tables(),
        evidence=percent_text(EVIDENCE_RAISE),
        formulas=formulas(
            say(
                """
h = first 16 hexadecimal digits of SHA-256(policy_seed + ":" + account_id)
held out where h < ceiling(holdout_rate x 2^64), in 16 digits; the rate in whole 1/{basis_points:,}
""",
                basis_points=BASIS_POINTS,
            )
        ),
    )
    return Section(3, say("The policy"), body.strip())


def raised() -> Section:
    """Return the section on the rules in their order, and on the new limit."""
    body = say(
        """
The rules are tried **in this order**; the first that an account fails is its reason. Counts and
limit by reason are a table of their own, for the rules remove more accounts than the score does.

{reasons}

The last column is the question that the database is asked with the levers at their defaults.

### The new limit

In exact whole numbers: r in basis points bp, money in 1/{minor_units} of the unit, one division.

{formulas}

*Affordable* is the highest limit of which the minimum payment, with what is paid elsewhere, stays
within the income's share that strains: a_bp and m_bp are `strain_income_share` and
`minimum_payment_rate` in basis points, P the payments elsewhere (0 where unknown), Y the monthly
income. With the ceiling on, a policy strains nobody who was not strained before.

Where a ceiling leaves no room for a raise that would be large enough, the account's reason is that
of the lowest ceiling; of equal ones the first in the order above.

Nobody's limit is ever lowered, but for the end of a temporary raise. *Headline raise* is target - L
over all accounts that pass the rules up to *{unknown}*: those without room, those held out
and those whose raise is too small included; *effective raise* is new - L over raised accounts.
What set a new limit is decided before rounding; where two give the same, the
earlier in this table is named:

{bindings}
""",
        reasons=reasons_table(),
        unknown=reason_title(Reason.UNKNOWN_DATA),
        minor_units=MINOR_UNITS,
        formulas=formulas(
            say(
                """
target     = L ({basis_points} + bp) / {basis_points}, at most L + max_increment
affordable = floor(max(0, a_bp Y - {basis_points} P) / m_bp)
ceiling    = min(limit_cap, income_multiple x Y, affordable), each where it is on and Y is known
new        = floor(min(target, ceiling) / rounding_step) x rounding_step
raised where new - L >= max(min_increment, 1/{minor_units}); else the limit stays L
""",
                basis_points=BASIS_POINTS,
                minor_units=MINOR_UNITS,
            )
        ),
        bindings=bindings_table(),
    )
    return Section(4, say("Who is raised, and to what limit"), body.strip())


def reasons_table() -> str:
    """Return every reason in the order of the rules: when it holds, its lever, and the question."""
    guardrails = {rule.name: rule for rule in GUARDRAILS}
    rows = [
        (
            place,
            reason_title(name),
            code(name),
            *(_of_guardrail(guardrails[name]) if name in guardrails else _of_outcome(name)),
        )
        for place, name in enumerate(REASONS, start=1)
    ]
    header = (
        "",
        say("reason"),
        say("name"),
        say("holds when"),
        say("in force"),
        say("asked as"),
    )
    return table(header, rows)


def bindings_table() -> str:
    """Return what can set a new limit, in the order in which it is named."""
    rows = ((binding_title(name), code(name), say(BINDING_WORDS[name])) for name in BINDINGS)
    return table((say("set by"), say("name"), say("the new limit before rounding")), rows)


def asked(rule: Guardrail) -> str:
    """Return the condition under which an account fails a rule, levers at their defaults."""
    accounts = accounts_relation(OPTIONAL, ())
    condition = rule.fails(accounts, Policy()).compile(compile_kwargs={"literal_binds": True})
    return str(condition).replace(f"{accounts.name}.", "")


def _of_outcome(name: str) -> tuple[str, str, str]:
    """Return what an outcome that is no guardrail means, and when it is in force."""
    if name in BY_LEVER:
        lever, words = BY_LEVER[name]
        return say(words), _at_first(lever), ""
    words, force = OUTCOMES[name]
    return say(words), say(force), ""


def _of_guardrail(rule: Guardrail) -> tuple[str, str, str]:
    """Return the words of a rule, its default with its support, and its question."""
    lever = find(POLICY_PARAMETERS, rule.name)
    return lever.help, _at_first(lever.name), code(asked(rule))


def _at_first(name: str) -> str:
    """Return where a lever stands at first, with its support."""
    lever = find(POLICY_PARAMETERS, name)
    return say(
        "{default} at first {support}",
        default=registry.default_text(lever),
        support=registry.supported(lever.mark, lever.source),
    )
