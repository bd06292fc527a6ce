"""Columns that a policy must not use, known by the words of their headers (METHOD 2).

A *protected* column (age, sex, religion ...) may be looked at by group, and never sets tiers or
rules. An *outcome* column (defaulted, charged_off ...) holds what was seen after the day of the
balances: it is for the back-test alone. What a user marks otherwise is taken.
"""

from __future__ import annotations

import re
import unicodedata

PROTECTED_PHRASES: tuple[str, ...] = (
    "age", "ages", "aged", "ageband", "agegroup", "agegrp", "agerange", "agebucket", "agecat",
    "dob", "birth", "birthday", "birthdate", "birthyear", "born", "sex", "sexes", "gender",
    "genders", "gendercode", "sexual", "male", "female", "marital", "maritalstatus", "marriage",
    "married", "civil status", "race", "races", "racial", "ethnicity", "ethnicities",
    "ethnic", "religion", "religions", "religious", "nationality", "nationalities",
    "national origin", "citizenship", "disability", "disabilities", "disabled", "handicap",
    "handicapped",
)  # fmt: skip
"""Words, alone or in a row, that name a protected basis."""
PROTECTED_SIGNS: tuple[str, ...] = (
    "年龄", "年齡", "年纪", "年紀", "岁数", "歲數", "出生", "生日", "性别", "性別", "男女", "婚姻",
    "婚否", "已婚", "配偶", "种族",
    "種族", "民族", "族裔", "宗教", "信仰", "国籍", "國籍", "残疾", "殘疾", "残障", "殘障",
)  # fmt: skip
"""The same in Chinese, which has no blanks between words: they stand anywhere in a header."""
OTHER_AGES: tuple[str, ...] = (
    "account age", "acct age", "age of account", "age of acct", "loan age", "age of loan",
    "card age", "age of card", "line age", "age of line", "contract age", "file age", "vehicle age",
    "car age", "credit age", "age of credit", "age of oldest", "age of newest",
)  # fmt: skip
"""Words in a row that name the age of something else than a person."""
OUTCOME_PHRASES: tuple[str, ...] = (
    "default", "defaults", "defaulted", "defaulter", "bad", "bads", "charged off", "charge off",
    "chargeoff", "chargedoff", "chargeoffs", "written off", "write off", "writeoff", "outcome",
    "target", "good bad", "goodbad", "npl",
)  # fmt: skip
"""Words, alone or in a row, that name an outcome."""
OUTCOME_NAMES: tuple[str, ...] = ("y", "label", "y true", "class label")
"""Headers that are an outcome as a whole: as one word of several they mean other things."""
OUTCOME_SIGNS: tuple[str, ...] = (
    "违约", "違約", "坏账", "壞帳", "坏客户", "坏样本", "核销", "核銷", "是否坏", "好坏标志",
)  # fmt: skip

NO_OUTCOME: tuple[str, ...] = (
    "probability", "prob", "rate", "pd", "score", "odds", "概率", "機率", "率",
)  # fmt: skip
"""Words beside which a header speaks of what may come, not of what came."""


def header_words(header: str) -> str:
    """Return a header in lower case, its words apart by one blank."""
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return " ".join(re.sub(r"[\W_]+", " ", text).lower().split())


def is_protected(header: str) -> bool:
    """Whether a header names a protected basis, by whole words: ``age_band``, and not ``usage``."""
    words = _apart(header)
    for phrase in OTHER_AGES:
        words = words.replace(f" {phrase} ", " ")
    return _has(words, PROTECTED_PHRASES) or any(sign in words for sign in PROTECTED_SIGNS)


def names_outcome(header: str) -> bool:
    """Whether a header names an outcome, by whole words; what its cells are is for them to say."""
    words = _apart(header)
    if any(word in (words.split() if word.isascii() else words) for word in NO_OUTCOME):
        return False
    return (
        words.strip() in OUTCOME_NAMES
        or _has(words, OUTCOME_PHRASES)
        or any(sign in words for sign in OUTCOME_SIGNS)
    )


def _apart(header: str) -> str:
    """Return a header's words between blanks, digits apart from letters."""
    words = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", header_words(header))
    return f" {words} "


def _has(words: str, phrases: tuple[str, ...]) -> bool:
    return any(f" {phrase} " in words for phrase in phrases)
