"""From cells to values, as SQL: the plain spellings by a cast, the rest by careful steps.

``plain_value`` takes the spelling that most files use and gives NULL for anything else; what it
leaves is read by ``careful_value`` over ``cleaned`` text, and ``reason`` says why one is refused.
A cast alone is never trusted: DuckDB's casts round (1.005 to 1.01, 1.5 to 2) and take underscores
and exponents, so the text is compared or matched as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.accounts.quoting import quoted
from analytics.declared.columns import MAX_MONEY, MINOR_UNITS, Kind
from analytics.declared.scales import ScoreScale

ID_PATTERN = "[0-9A-Za-z][0-9A-Za-z._:/-]{0,63}"
"""Ids that no spreadsheet takes for a formula and no engine misreads."""
DAMAGED_ID = "[0-9]{16,}\\.0*|[0-9]\\.[0-9]+[eE]\\+?[0-9]{1,3}"
"""Ids that were numbers in binary floating point: of their digits, the last are lost."""
MAX_COUNT = 2**31 - 1
MAX_STATUS = 200
"""Characters of a status that are read: what is longer is no word, and is refused as none."""
TOLERANCE = 1e-9
"""Money held in binary floating point must be this close to two decimals."""
RELATIVE = 2.0**-51
"""Large amounts may be so far off in proportion as well: a double has no more digits."""
_WIDE_SIGNS = ".,%+-()$\u00a5"
WIDE = (
    "".join(chr(ord(sign) + 0xFEE0) for sign in "0123456789" + _WIDE_SIGNS[:-1])
    + "\uffe5\u00a0\u2007\u2009\u202f\u3000\u2212\t"
    + "\u2019\u2018\u02bc\u2032\uff07\u00b4\u0060"
)
"""Full-width digits and signs, blanks that do not break, the minus sign, and apostrophes."""
NARROW = "0123456789" + _WIDE_SIGNS + "     - " + "'" * 7
EXPONENT = "[0-9]*\\.?[0-9]+[eE][-+]?[0-9]+"
"""Numbers as machines write small ones."""
NUMBERS = (Kind.MONEY, Kind.RATE, Kind.SCORE, Kind.COUNT)
"""Kinds whose cells hold numbers."""
TRUE_WORDS = ("true", "t", "yes", "y", "1", "是", "真")
FALSE_WORDS = ("false", "f", "no", "n", "0", "否", "假")
INTEGERS = frozenset(
    {
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
    }
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a column's numbers are written: one way for the whole column.

    Parameters
    ----------
    decimal : str
        ``.`` or ``,``.
    grouped : bool
        Thousands may be separated (by the other of the two, a blank or an apostrophe).
    percent : bool
        Every number carries a percent sign.
    marks : tuple of str
        Currency signs that may stand at either end.
    """

    decimal: str = "."
    grouped: bool = False
    percent: bool = False
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What cells are held against: the scale, sentinel scores, and words for unknown.

    ``foreign`` is SQL for what a row in another currency than the portfolio's says of it, null for
    the rest; empty where the file has no such rows. It is read from ``foreign_source``.
    ``commas`` names the columns that have decimal commas, so that no point is plain there.
    """

    scale: ScoreScale
    sentinels: tuple[int, ...] = ()
    blank_words: tuple[str, ...] = ()
    commas: frozenset[str] = frozenset()
    foreign: str = ""
    foreign_source: str = ""


def plain_value(
    kind: Kind, cell: str, type_name: str, scale: ScoreScale, *, commas: bool = False
) -> str:
    """Return SQL for the value of a plainly written cell; NULL where it is blank or not plain.

    ``commas`` says that its column has decimal commas: a cell with a point is then not plain.
    """
    if kind is Kind.STATUS:
        return f"left({text_of(cell, type_name)}, {MAX_STATUS})"
    if type_name in INTEGERS:
        return _from_integer(kind, cell, scale)
    if type_name.startswith("DECIMAL"):
        return _from_decimal(kind, cell, scale)
    if type_name in ("DOUBLE", "FLOAT"):
        return _from_double(kind, f"CAST({cell} AS DOUBLE)", scale)
    if type_name == "BOOLEAN":
        return cell if kind is Kind.FLAG else "NULL"
    value = _from_text(kind, cell if type_name == "VARCHAR" else text_of(cell), scale)
    if commas and kind in (Kind.MONEY, Kind.RATE):
        return f"CASE WHEN NOT contains({cell}, '.') THEN {value} END"
    return value


def text_of(cell: str, type_name: str = "") -> str:
    """Return SQL for a cell's text; of a 32-bit number, all of its digits."""
    return f"CAST({f'CAST({cell} AS DOUBLE)' if type_name == 'FLOAT' else cell} AS VARCHAR)"


def _from_text(kind: Kind, cell: str, scale: ScoreScale) -> str:
    whole = f"TRY_CAST({cell} AS INTEGER)"
    is_whole = f"CAST({whole} AS VARCHAR) = {cell}"
    match kind:
        case Kind.TEXT:
            damaged = f"contains({cell}, '.') AND regexp_full_match({cell}, '{DAMAGED_ID}')"
            return (
                f"CASE WHEN regexp_full_match({cell}, '{ID_PATTERN}') AND NOT ({damaged}) "
                f"THEN {cell} END"
            )
        case Kind.SCORE:
            within = f"{whole} BETWEEN {scale.lowest} AND {scale.highest}"
            return f"CASE WHEN {within} AND {is_whole} THEN {whole} END"
        case Kind.MONEY:
            amount = f"TRY_CAST({cell} AS DECIMAL(15, 2))"
            written = f"regexp_full_match({cell}, '[0-9]+(\\.[0-9]{{1,2}})?')"
            return (
                f"CASE WHEN {amount} <= {MAX_MONEY} AND {written} "
                f"THEN CAST({amount} * {MINOR_UNITS} AS BIGINT) END"
            )
        case Kind.RATE:
            rate = f"TRY_CAST({cell} AS DOUBLE)"
            return f"CASE WHEN {rate} BETWEEN 0 AND 1 AND NOT contains({cell}, '_') THEN {rate} END"
        case Kind.COUNT:
            return f"CASE WHEN {whole} >= 0 AND {is_whole} THEN {whole} END"
        case Kind.FLAG | Kind.STATUS:
            return f"TRY_CAST({cell} AS BOOLEAN)"


def _from_integer(kind: Kind, cell: str, scale: ScoreScale) -> str:
    match kind:
        case Kind.TEXT:
            return _from_text(kind, text_of(cell), scale)
        case Kind.SCORE:
            within = f"{cell} BETWEEN {scale.lowest} AND {scale.highest}"
            return f"CASE WHEN {within} THEN CAST({cell} AS INTEGER) END"
        case Kind.MONEY:
            within = f"{cell} BETWEEN 0 AND {MAX_MONEY}"
            return f"CASE WHEN {within} THEN CAST({cell} AS BIGINT) * {MINOR_UNITS} END"
        case Kind.RATE:
            return f"CASE WHEN {cell} BETWEEN 0 AND 1 THEN CAST({cell} AS DOUBLE) END"
        case Kind.COUNT:
            return f"CASE WHEN {cell} BETWEEN 0 AND {MAX_COUNT} THEN CAST({cell} AS INTEGER) END"
        case Kind.FLAG | Kind.STATUS:
            return f"CASE {cell} WHEN 1 THEN true WHEN 0 THEN false END"


def _from_decimal(kind: Kind, cell: str, scale: ScoreScale) -> str:
    match kind:
        case Kind.TEXT:
            whole = f"TRY_CAST({cell} AS HUGEINT)"
            same = f"CASE WHEN {whole} = {cell} THEN {text_of(whole)} END"
            return _from_text(kind, same, scale)
        case Kind.MONEY:
            amount = f"TRY_CAST({cell} AS DECIMAL(15, 2))"
            return (
                f"CASE WHEN {amount} BETWEEN 0 AND {MAX_MONEY} AND {amount} = {cell} "
                f"THEN CAST({amount} * {MINOR_UNITS} AS BIGINT) END"
            )
        case Kind.RATE:
            return f"CASE WHEN {cell} BETWEEN 0 AND 1 THEN CAST({cell} AS DOUBLE) END"
        case _:
            whole = f"TRY_CAST({cell} AS BIGINT)"
            return _from_integer(kind, f"CASE WHEN {whole} = {cell} THEN {whole} END", scale)


def _from_double(kind: Kind, cell: str, scale: ScoreScale) -> str:
    match kind:
        case Kind.TEXT:
            return "NULL"
        case Kind.MONEY:
            near = f"isfinite({cell}) AND abs({cell} - round({cell}, 2)) <= {tolerance(cell)}"
            amount = f"CAST(CAST({cell} AS DECIMAL(15, 2)) * {MINOR_UNITS} AS BIGINT)"
            return f"CASE WHEN {cell} BETWEEN 0 AND {MAX_MONEY} AND {near} THEN {amount} END"
        case Kind.RATE:
            return f"CASE WHEN isfinite({cell}) AND {cell} BETWEEN 0 AND 1 THEN {cell} END"
        case _:
            whole = f"CASE WHEN {cell} = trunc({cell}) THEN TRY_CAST({cell} AS BIGINT) END"
            return _from_integer(kind, f"({whole})", scale)


def tolerance(amount: str) -> str:
    """Return SQL for how far from two decimals an amount may be by the dust of binary numbers."""
    return f"({TOLERANCE} + abs(CAST({amount} AS DOUBLE)) * {RELATIVE})"


def cleaned(cell: str, blank_words: tuple[str, ...] = ()) -> str:
    """Return SQL for a cell's text in narrow characters without outer blanks; NULL for unknown."""
    text = f"nullif(trim(translate({cell}, {quoted(WIDE)}, {quoted(NARROW)})), '')"
    if not blank_words:
        return text
    words = ", ".join(quoted(word.strip().lower()) for word in blank_words)
    return f"CASE WHEN lower({text}) NOT IN ({words}) THEN {text} END"


def trimmed_id(cell: str) -> str:
    """Return SQL for an id without the blanks around it; NULL where it is none even so."""
    return (
        f"CASE WHEN regexp_full_match(trim({cell}), '{ID_PATTERN}') "
        f"AND NOT regexp_full_match(trim({cell}), '{DAMAGED_ID}') THEN trim({cell}) END"
    )


def number_text(text: str, spelling: Spelling) -> str:
    """Return SQL for the plain text of a number (digits and a point); NULL where it is none.

    A leading minus is kept, a plus is dropped; percent signs and currency marks are taken off.
    """
    body = text
    if spelling.marks:
        body = f"regexp_replace({body}, '{marks_pattern(spelling.marks)}', '\\1', 'g')"
    if spelling.percent:
        body = f"regexp_replace({body}, ' *%$', '')"
    body = f"regexp_replace({body}, '^\\+', '')"
    sign = _escaped(spelling.decimal)
    plain = f"-?([0-9]+({sign}[0-9]*)?|{sign}[0-9]+)"
    point = f"replace({body}, '{spelling.decimal}', '.')"
    value = f"CASE WHEN regexp_full_match({body}, '{plain}') THEN {point}"
    if spelling.grouped:
        comma = "," if spelling.decimal == "." else "\\."
        groups = (
            "|".join(f"[0-9]{{1,3}}({mark}[0-9]{{3}})+" for mark in (comma, " ", "''"))
            + f"|[0-9]{{1,2}}({comma}[0-9]{{2}})*{comma}[0-9]{{3}}"
        )
        bare = f"regexp_replace({body}, '[{comma} '']', '', 'g')"
        value += (
            f" WHEN regexp_full_match({body}, '-?({groups})({sign}[0-9]*)?') "
            f"THEN replace({bare}, '{spelling.decimal}', '.')"
        )
    return value + " END"


def marks_pattern(marks: tuple[str, ...]) -> str:
    """Return the pattern of a currency mark at either end of a number; group 1 is its sign."""
    listed = "|".join(_escaped(mark) for mark in marks)
    return f"^([-+]?) *(?i:{listed}) *| *(?i:{listed})$"


def careful_value(kind: Kind, text: str, spelling: Spelling, rules: Rules, number: str = "") -> str:
    """Return SQL for the value of a cleaned cell in a column's spelling; NULL where it is none.

    ``number`` is SQL for what :func:`number_text` makes of it, where that is at hand.
    """
    number = number or number_text(text, spelling)
    match kind:
        case Kind.TEXT | Kind.STATUS:
            return "NULL"
        case Kind.FLAG:
            word = f"regexp_replace(lower({text}), '^([01])[.,]0+$', '\\1')"
            return (
                f"CASE WHEN {word} IN ({_words(TRUE_WORDS)}) THEN true "
                f"WHEN {word} IN ({_words(FALSE_WORDS)}) THEN false END"
            )
        case Kind.MONEY:
            amount = (
                f"CASE WHEN {_at_most_two_decimals(number)} "
                f"THEN TRY_CAST({number} AS DECIMAL(15, 2)) "
                f"WHEN {is_dusty(text, number)} "
                f"THEN TRY_CAST(round({_wide(text, number)}, 2) AS DECIMAL(15, 2)) END"
            )
            return (
                f"CASE WHEN ({amount}) BETWEEN 0 AND {MAX_MONEY} "
                f"THEN CAST(({amount}) * {MINOR_UNITS} AS BIGINT) END"
            )
        case Kind.RATE:
            rate = f"TRY_CAST({_rate_text(text, number, spelling)} AS DOUBLE)"
            return f"CASE WHEN {rate} BETWEEN 0 AND 1 THEN {rate} + 0 END"
        case _:
            whole = f"TRY_CAST(regexp_replace({number}, '\\.0*$', '') AS BIGINT)"
            low, high = _range(kind, rules.scale)
            written = f"regexp_full_match({number}, '-?[0-9]+(\\.0*)?')"
            return f"CASE WHEN {written} AND {whole} BETWEEN {low} AND {high} THEN {whole} END"


def is_dusty(text: str, number: str) -> str:
    """Return SQL for whether an amount is two decimals and the dust of binary floating point.

    22197.780000000002 is, and so is 1.8e-12; null where the cell is no number.
    """
    wide = _wide(text, number)
    return (
        f"NOT coalesce({_at_most_two_decimals(number)}, false) "
        f"AND CAST(abs({wide} - round({wide}, 2)) AS DOUBLE) <= {tolerance(wide)}"
    )


def _at_most_two_decimals(number: str) -> str:
    return f"regexp_full_match({number}, '-?[0-9]*(\\.[0-9]{{0,2}}0*)?')"


def _wide(text: str, number: str) -> str:
    """Return SQL for a number with all of its decimals; with an exponent, only next to nothing."""
    tiny = f"regexp_full_match({text}, '-?[0-9]([.,][0-9]+)?[eE]-[0-9]{{1,3}}')"
    least = f"TRY_CAST(TRY_CAST(replace({text}, ',', '.') AS DOUBLE) AS DECIMAL(38, 20))"
    return f"CASE WHEN {tiny} THEN {least} ELSE TRY_CAST({number} AS DECIMAL(38, 20)) END"


def reason(
    kind: Kind, cell: str, text: str, spelling: Spelling, rules: Rules, plain: str = ""
) -> str:
    """Return SQL for the reason why a cell that has no value is refused.

    ``cell`` is the text as it was, ``text`` what :func:`cleaned` made of it, ``plain`` SQL for what
    :func:`number_text` made of that, where it is at hand.
    """
    if kind is Kind.TEXT:
        return (
            f"CASE WHEN nullif(trim({cell}), '') IS NULL THEN 'missing' "
            f"WHEN regexp_full_match(trim({cell}), '{DAMAGED_ID}') THEN 'id_damaged' "
            "ELSE 'id_not_allowed' END"
        )
    if kind in (Kind.FLAG, Kind.STATUS):
        return f"CASE WHEN {text} IS NULL THEN 'missing' ELSE 'not_true_or_false' END"
    plain = plain or number_text(text, spelling)
    number = f"TRY_CAST({plain} AS DOUBLE)"
    anyhow = f"TRY_CAST({text} AS DOUBLE)"
    own = _own_reason(kind, number, anyhow, plain, rules)
    percent = (
        f"WHEN {number} IS NOT NULL AND NOT contains({text}, '%') THEN 'no_percent_sign' "
        if spelling.percent
        else ""
    )
    return (
        f"CASE WHEN {text} IS NULL THEN 'missing' "
        f"WHEN regexp_full_match(lower({text}), '[-+]?(nan|inf|infinity|#num!|#div/0!)') "
        f"OR isinf({anyhow}) OR isnan({anyhow}) THEN 'not_finite' "
        f"WHEN regexp_full_match({text}, '{_DATE}') THEN 'is_a_date' "
        f"WHEN regexp_full_match({text}, '(-|\\(|.{{0,4}}-).*[0-9].*') AND NOT "
        f"regexp_full_match({text}, '.*[0-9] *-.*[0-9].*|.*[eE]-.*') THEN 'negative' "
        f"{percent}{own} "
        f"WHEN {anyhow} IS NOT NULL OR regexp_full_match({text}, '.*[0-9].*') THEN 'not_plain' "
        "ELSE 'not_a_number' END"
    )


_DATE = (
    "([0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|"
    "[0-9]{1,2}[- ][A-Za-z]{3}[- ][0-9]{2,4})([ T].*)?"
)


def _own_reason(kind: Kind, number: str, anyhow: str, plain: str, rules: Rules) -> str:
    fraction = f"WHEN {number} IS NOT NULL AND {number} <> trunc({number}) THEN 'not_whole'"
    match kind:
        case Kind.MONEY:
            return (
                f"WHEN coalesce({number}, {anyhow}) > {MAX_MONEY} THEN 'too_large' "
                f"WHEN regexp_matches({plain}, '\\.[0-9]{{2}}0*[1-9]') THEN 'too_many_decimals'"
            )
        case Kind.RATE:
            return f"WHEN {number} > 1 THEN 'out_of_range'"
        case Kind.SCORE:
            sentinel = ", ".join(str(score) for score in rules.sentinels)
            first = f"WHEN {number} IN ({sentinel}) THEN 'sentinel_score' " if sentinel else ""
            return f"{first}{fraction} WHEN {number} IS NOT NULL THEN 'off_scale'"
        case _:
            return f"{fraction} WHEN {number} > {MAX_COUNT} THEN 'too_large'"


def _rate_text(text: str, number: str, spelling: Spelling) -> str:
    if spelling.percent:
        return f"CASE WHEN contains({text}, '%') OR {number} = '0' THEN {number} || 'e-2' END"
    return f"CASE WHEN regexp_full_match({text}, '{EXPONENT}') THEN {text} ELSE {number} END"


def _range(kind: Kind, scale: ScoreScale) -> tuple[int, int]:
    return (scale.lowest, scale.highest) if kind is Kind.SCORE else (0, MAX_COUNT)


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(quoted(word) for word in words)


def _escaped(mark: str) -> str:
    special = set(".$|()[]{}*+?^\\")
    return "".join(f"\\{c}" if c in special else c for c in mark).replace("'", "''")
