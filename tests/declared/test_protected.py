"""Protected and outcome columns are known by whole words of their headers."""

import pytest

from analytics.declared.protected import is_protected, names_outcome


@pytest.mark.parametrize(
    "header",
    [
        "age", "age_band", "AgeGroup", "customerAge", "AGE 18-25", "age25", "date_of_birth", "Sex",
        "gender", "marital_status", "race", "Ethnicity", "religion", "nationality",
        "disability_flag", "年龄段", "客户年龄", "性别", "婚姻状况", "民族", "宗教信仰", "国籍",
        "残疾", "性別", "年齡", "MARITALSTATUS", "agegrp", "is_male", "Female", "genders", "年紀",
        "男女", "配偶",
    ],
)  # fmt: skip
def test_a_protected_basis_is_known_by_a_word_of_the_header(header: str) -> None:
    assert is_protected(header)
    assert not names_outcome(header)


@pytest.mark.parametrize(
    "header",
    [
        "usage", "average", "passage", "mortgage", "stage", "trace", "embrace", "essex", "sextant",
        "region", "channel", "product", "account_age", "Age of Account", "loan_age_band",
        "vehicleAge", "credit_age", "age_of_credit_history", "账龄", "language", "agency", "地区",
    ],
)  # fmt: skip
def test_a_word_that_only_holds_such_letters_is_not_protected(header: str) -> None:
    assert not is_protected(header)


@pytest.mark.parametrize(
    "header",
    [
        "defaulted", "default", "Default_Flag", "default.payment.next.month", "bad", "is_bad", "y",
        "Y", "target", "charged_off", "chargedOff", "written off", "good_bad", "违约", "是否违约",
        "坏账标志", "核销", "npl", "NPL_flag",
    ],
)  # fmt: skip
def test_an_outcome_is_known_by_a_word_of_the_header(header: str) -> None:
    assert names_outcome(header)
    assert not is_protected(header)


@pytest.mark.parametrize(
    "header",
    [
        "default_probability", "probability_of_default", "default_rate", "prob_default",
        "pd_default", "badge", "years", "yes", "targeted", "labels", "违约概率", "违约率", "region",
        "x_y",
    ],
)  # fmt: skip
def test_what_may_come_and_what_only_sounds_alike_is_no_outcome(header: str) -> None:
    assert not names_outcome(header)
