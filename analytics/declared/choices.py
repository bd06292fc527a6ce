"""Closed sets: what can be chosen, each as an enum whose members are the texts of files and links.

A text that is none of them is refused in words wherever it is turned into a member.
"""

from __future__ import annotations

import functools
from enum import StrEnum

from analytics.declared.language import marked, say
from analytics.declared.near import hint
from analytics.errors import ParameterError


class Choice(StrEnum):
    """A closed set of texts; what one of them is called is given with the class.

    Raises
    ------
    ParameterError
        ``Choice(text)`` of a text that is no member; the nearest is suggested.
    """

    _english_noun: str

    def __init_subclass__(cls, *, english_noun: str) -> None:
        super().__init_subclass__()
        cls._english_noun = english_noun

    @functools.cached_property
    def code(self) -> int:
        """Place in the order of the set, from 0: what statements and arrays hold for it."""
        return tuple(type(self)).index(self)

    def __repr__(self) -> str:
        """Return the text in quotation marks, as any text is shown among values."""
        return repr(self.value)

    @classmethod
    def _missing_(cls, value: object) -> Choice | None:
        noun = say(cls._english_noun)
        names = [str(choice) for choice in cls]
        give = say("give {names}.", names=tuple(names))
        meant = hint(str(value), names, most=1, otherwise=give)
        raise ParameterError(
            say("There is no {noun} {value!r}: {hint}", noun=noun, value=value, hint=meant)
        )


class ResponseForm(Choice, english_noun=marked("response form")):
    """How balance follows the limit."""

    LOG = "log"
    LINEAR = "linear"


class ConsentMode(Choice, english_noun=marked("consent mode")):
    """Whether a raise is made by itself, or offered and taken by a share of customers."""

    AUTOMATIC = "automatic"
    OPT_IN = "opt_in"


class CapitalApproach(Choice, english_noun=marked("capital approach")):
    """By which rules capital is held."""

    STANDARDISED = "standardised"
    IRB_QRRE = "irb_qrre"
    """Internal ratings, qualifying revolving retail (CRE31.15)."""
    IRB_OTHER_RETAIL = "irb_other_retail"
    """Internal ratings, other retail (CRE31.16)."""

    @property
    def is_irb(self) -> bool:
        """Whether capital follows the IRB formula."""
        return self is not CapitalApproach.STANDARDISED


class ResponsePreset(Choice, english_noun=marked("response preset")):
    """How strongly customers respond to a raise: values by band that belong together."""

    LOW = "low"
    CENTRAL = "central"
    HIGH = "high"


class UpliftDriver(Choice, english_noun=marked("driver of the uplift of default probability")):
    """What the default probability of a raised account follows (METHOD 6)."""

    DEBT = "debt"
    """What is drawn of the raise: who draws nothing defaults as before."""
    LIMIT = "limit"
    """The raise itself, drawn or not."""


class Provisioning(Choice, english_noun=marked("provisioning")):
    """By which rules losses are provided for before they come (METHOD 8)."""

    NONE = "none"
    IFRS9 = "ifrs9"
    CECL = "cecl"


class RuleBook(Choice, english_noun=marked("rule book")):
    """Whose rules set what belongs together (:mod:`analytics.declared.regimes`)."""

    BASEL_III = "basel_iii"
    CHINA_2023 = "china_2023"
    EU_UK = "eu_uk"
    US = "us"
    TURKIYE = "turkiye"


class UnknownCells(Choice, english_noun=marked("way with unknown cells")):
    """What becomes of an account with a blank cell where a rule or a ceiling needs one."""

    HOLD = "hold"
    PASS = "pass"  # noqa: S105 - a way, not a word to sign in with


class Reason(Choice, english_noun=marked("reason")):
    """Every outcome of an account, in the order in which the rules are tried (METHOD 4)."""

    SCORE_BELOW_THRESHOLD = "score_below_threshold"
    CLOSED = "closed"
    OPTED_OUT = "opted_out"
    IN_HARDSHIP = "in_hardship"
    IS_STUDENT = "is_student"
    PAST_DUE = "past_due"
    PAST_DUE_12M = "past_due_12m"
    PERSISTENT_MINIMUM_PAYER = "persistent_minimum_payer"
    TOO_NEW = "too_new"
    RECENT_LIMIT_CHANGE = "recent_limit_change"
    UTILIZATION_OUT_OF_RANGE = "utilization_out_of_range"
    UNKNOWN_DATA = "unknown_data"
    AT_LIMIT_CAP = "at_limit_cap"
    AT_INCOME_MULTIPLE = "at_income_multiple"
    UNAFFORDABLE = "unaffordable"
    RAISE_TOO_SMALL = "raise_too_small"
    HELD_OUT = "held_out"
    RAISED = "raised"


class Sample(Choice, english_noun=marked("sample portfolio")):
    """A generated portfolio that ships with Headroom, by what is typed in place of a file."""

    HUABEI_LIKE = "sample"
    """Own accounts alone; every figure of the documents is of it."""
    HUABEI_PLUS = "huabei_plus"
    """With limits, balances and payments elsewhere, transactors, closed accounts and blanks."""


class AccountStatus(Choice, english_noun=marked("status of an account")):
    """What a word in the column account_status means."""

    CLOSED = "closed"
    OPEN = "open"
    UNKNOWN = "unknown"


class Binding(Choice, english_noun=marked("binding")):
    """What can set a new limit; where two give the same, the earlier is named."""

    RAISE_RATE = "raise_rate"
    MAX_INCREMENT = "max_increment"
    LIMIT_CAP = "limit_cap"
    INCOME_MULTIPLE = "income_multiple"
    AFFORDABILITY = "affordability"


class Arm(Choice, english_noun=marked("arm")):
    """In which arm of the trial an account is that would be raised (METHOD 4)."""

    RAISED = "raised"
    HELD_OUT = "held_out"


class RivalLine(Choice, english_noun=marked("line with a rival")):
    """Who may be in reach of a rival; who is known to have no line elsewhere is not (METHOD 10)."""

    AT_HAND = "at_hand"
    """Has a line elsewhere."""
    UNKNOWN = "unknown"
    """It is not known whether there is one: the reach is assumed."""


class RivalVerdict(Choice, english_noun=marked("verdict on a rival")):
    """Which choice is better against a rival, whatever it does."""

    RAISE = "raise"
    DO_NOT_RAISE = "do_not_raise"
    DEPENDS = "depends_on_the_rival"
    NO_DIFFERENCE = "no_difference"


class Treatment(Choice, english_noun=marked("treatment")):
    """What an account gets; :mod:`analytics.declared.treatments` says who, in which order."""

    SUPPORT = "support"
    ON_REQUEST = "on_request"
    GUIDANCE = "guidance"
    ASK = "ask"
    WAIT = "wait"
    RAISE_WITH_GUIDANCE = "raise_with_guidance"
    CONTROL_WITH_GUIDANCE = "control_with_guidance"
    RAISE = "raise"
    CONTROL = "control"
    NONE = "none"


class MessageArm(Choice, english_noun=marked("arm of the messages")):
    """Whether an account gets the message of its treatment, or had it withheld (METHOD 10)."""

    MESSAGE = "message"
    HELD_OUT = "held_out"


class TextStatus(Choice, english_noun=marked("status of a text")):
    """Whether a text to customers is a suggestion to be reviewed, or still has to be written."""

    SUGGESTION = "suggestion"
    MISSING = "missing"


class SingleRule(Choice, english_noun=marked("rule")):
    """What alone can keep an account from a raise, of what can be off (METHOD 10).

    Named as the reason, but for the two rules of time, which are one.
    """

    CLOSED = "closed"
    OPTED_OUT = "opted_out"
    IN_HARDSHIP = "in_hardship"
    IS_STUDENT = "is_student"
    PAST_DUE = "past_due"
    PAST_DUE_12M = "past_due_12m"
    PERSISTENT_MINIMUM_PAYER = "persistent_minimum_payer"
    WAIT = "wait"
    UTILIZATION_OUT_OF_RANGE = "utilization_out_of_range"
    UNKNOWN_DATA = "unknown_data"
    AT_LIMIT_CAP = "at_limit_cap"
    AT_INCOME_MULTIPLE = "at_income_multiple"
    UNAFFORDABLE = "unaffordable"


class NextAction(Choice, english_noun=marked("next action")):
    """What can be done about the one rule that keeps an account from a raise."""

    NONE = "none"
    """Nothing: the account is closed, or the rule protects the customer or is law."""
    OFFER_ON_REQUEST = "offer_on_request"
    ASK = "ask"
    """Ask for the missing item, the income first."""
    WAIT = "wait"
    """Wait until both rules of time pass."""
    GUIDANCE = "guidance"
    REVIEW = "review"
    """Look at the lever itself: it is the lender's own choice."""


class LossPart(Choice, english_noun=marked("part of the expected loss")):
    """What the increment of expected loss is made of; the parts add up to it (METHOD 6)."""

    NEW_EXPOSURE = "new_exposure"
    OLD_BALANCE = "old_balance"
    CROSS = "cross"


class Which(Choice, english_noun=marked("which")):
    """Which accounts an export lists."""

    ALL = "all"
    RAISED = "raised"


class Side(Choice, english_noun=marked("side")):
    """What of a measure is looked at: what the policy adds, or how things stand after it."""

    INCREMENT = "increment"
    PROPOSED = "proposed"


class Sign(Choice, english_noun=marked("sign")):
    """On which side of a bound a figure is to be."""

    AT_MOST = "<="
    AT_LEAST = ">="


class Assumed(Choice, english_noun=marked("assumption on a portfolio")):
    """What was assumed of a portfolio because nobody declared it."""

    CURRENCY = "currency"
    SCALE = "scale"
    PD_HORIZON = "pd_horizon_months"


class CalibrationCheck(Choice, english_noun=marked("check of a portfolio")):
    """What makes a portfolio implausible as it stands, or was assumed of it (METHOD 10)."""

    PROBABILITY = "default_probability"
    """Mean default probability, weighted by balance."""
    MARGIN = "margin"
    """Margin on balance."""
    LOSS = "expected_loss"
    """Expected loss on balance."""
    INCOME = "limit_per_income"
    """Median of limit / monthly income."""
    SCORE = "score_direction"
    """How default probabilities run with the score."""
    OVER_LIMIT = "over_limit"
    """Share of the accounts that are over their limit."""
    CURRENCY = "currency"
    SCALE = "scale"
    PD_HORIZON = "pd_horizon_months"


class ColumnMark(Choice, english_noun=marked("mark of a column")):
    """What a column that the product does not know may be used for."""

    SEGMENT = "segment"
    """For groups and for tiers."""
    PROTECTED = "protected"
    """For groups alone."""
    OUTCOME = "outcome"
    """For the back-test alone."""
