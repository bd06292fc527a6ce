"""What the words of an account's status mean: closed, open or unknown; any other is asked about.

A file's words and a table's go through :func:`sort_out` alike. Everything after it reads a flag:
whether the account is closed.
"""

# Statements are built from this package's own names, quoted identifiers and quoted literals.
# ruff: noqa: S608

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from analytics.accounts.quoting import quoted
from analytics.declared.choices import AccountStatus
from analytics.declared.columns import Kind
from analytics.declared.language import Sentence, either, later, listed, say, say_n
from analytics.declared.protected import header_words
from analytics.errors import PortfolioError
from analytics.ingest.cells import FALSE_WORDS, TRUE_WORDS
from analytics.ingest.choice import Choice, ChoiceNeeded
from analytics.ingest.declaration import Declaration
from analytics.ingest.plan import Plan
from analytics.ingest.plausible import CLOSED, says
from analytics.ingest.proposals import SURE, similarity
from analytics.ingest.staging import MAX_SEGMENTS

STATUS = "account_status"
SPELLINGS = 20 * MAX_SEGMENTS
"""Cells that are looked at: ways to write the at most ``MAX_SEGMENTS`` words of a column."""
SHOWN = 10
"""Words that a question names, and that the load report does."""
LONGEST = 60
"""Characters of a status' word."""

CLOSED_WORDS = (
    "closed", "close", "cancelled", "canceled", "terminated", "charged off", "charge off",
    "chargedoff", "chargeoff", "written off", "write off", "writtenoff", "writeoff", "lost",
    "stolen", "frozen", "freeze", "blocked", "block", "deceased", "dead", "died", "death",
    "bankrupt", "bankruptcy",
    "销户", "已销户", "注销", "已注销", "关闭", "已关闭", "冻结", "已冻结", "封锁", "止付",
    "已止付", "核销", "已核销", "呆账核销", "挂失", "已挂失", "丢失", "遗失", "被盗", "盗用",
    "死亡", "已死亡", "身故", "破产", "已破产",
    "銷戶", "已銷戶", "註銷", "已註銷", "關閉", "已關閉", "凍結", "已凍結", "封鎖", "核銷",
    "已核銷", "掛失", "已掛失", "遺失", "被盜", "破產", "已破產",
)  # fmt: skip
"""Words of accounts that are closed or as good as closed, as :func:`normal` writes them."""
OPEN_WORDS = (
    "active", "activated", "open", "opened", "normal", "current", "good standing",
    "in good standing",
    "正常", "正常使用", "活跃", "活躍", "有效", "激活", "已激活", "启用", "啟用",
)  # fmt: skip
_BESIDE = ("account", "acct", "card", "customer", "borrower", "by", "bank", "issuer")
"""Words beside a status that leave its meaning as it is: account closed, blocked by bank."""
_BETWEEN = re.compile(r"[/,;&+|()]| - |\bor\b|\band\b|[、或]")


@dataclass(frozen=True, slots=True)
class Meanings:
    """The cells of a status column by what they mean, as they are written, and what to say."""

    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    said: tuple[Sentence, ...] = ()


def folded_word(word: str) -> str:
    """Return a word as answers are compared: one spelling of each character, blank and case."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def known_meaning(word: str) -> AccountStatus | None:
    """Return what a word is known to mean; None where it has to be asked about.

    Several words in one cell (Lost/Stolen) mean what all of them mean, if they agree.
    """
    if not folded_word(word):
        return AccountStatus.UNKNOWN
    whole = _of_words(word)
    if whole is not None:
        return whole
    parts = {_of_words(part) for part in _BETWEEN.split(folded_word(word)) if part.strip()}
    return parts.pop() if len(parts) == 1 else None


def _of_words(word: str) -> AccountStatus | None:
    words = header_words(word)
    bare = " ".join(part for part in words.split() if part not in _BESIDE)
    if words in CLOSED_WORDS or bare in CLOSED_WORDS:
        return AccountStatus.CLOSED
    return AccountStatus.OPEN if words in OPEN_WORDS or bare in OPEN_WORDS else None


def _of_flag(word: str) -> AccountStatus | None:
    """Return what a flag means under a header that says closed: 1.0 is a flag as well."""
    flag = re.sub(r"^([01])\.0+$", r"\1", word)
    if flag in TRUE_WORDS:
        return AccountStatus.CLOSED
    return AccountStatus.OPEN if flag in FALSE_WORDS else None


def sort_out(cells: Iterable[tuple[str, int]], source: str, declaration: Declaration) -> Meanings:
    """Return what the cells of a status column mean.

    Parameters
    ----------
    cells : iterable of (str, int)
        Every cell as it is written, and in how many rows; at most ``SPELLINGS`` + 1 are looked at.

    Raises
    ------
    ChoiceNeeded
        Words that are not known, and that the declaration has no answer for; all are counted.
    PortfolioError
        There are too many words, or too long ones, for a status.
    """
    counts = sorted(cells, key=lambda one: (-one[1], one[0]))
    words = {folded_word(cell) for cell, _ in counts}
    if (
        len(counts) > SPELLINGS
        or len(words) > MAX_SEGMENTS
        or max(map(len, words), default=0) > LONGEST
    ):
        raise PortfolioError(
            say(
                "{source} holds more or longer words than a status does: map {column} to another "
                "column, or leave it out with --map {column}= and the rule on closed accounts is "
                "not applied.",
                source=source,
                column=STATUS,
            )
        )
    answers = {folded_word(word): status for word, status in declaration.statuses}
    blank = {folded_word(word) for word in declaration.blank_words}
    is_flag = says(header_words(source), CLOSED)
    found: dict[AccountStatus, list[str]] = {status: [] for status in AccountStatus}
    asked: Counter[str] = Counter()
    written: dict[str, str] = {}
    for cell, count in counts:
        word = folded_word(cell)
        meaning = answers.get(word) or (AccountStatus.UNKNOWN if word in blank else None)
        meaning = meaning or known_meaning(cell) or (_of_flag(word) if is_flag else None)
        if meaning is None:
            asked[word] += count
            written.setdefault(word, " ".join(cell.split()))
        else:
            found[meaning].append(cell)
    if asked:
        raise _question({written[word]: count for word, count in asked.most_common()}, source)
    closed, opened, unknown = (tuple(found[status]) for status in AccountStatus)
    return Meanings(closed, opened, unknown, _said(source, closed, opened))


def _question(words: dict[str, int], source: str) -> ChoiceNeeded:
    """Return the question what words mean: the most frequent are named, all are counted."""
    named = list(words)[:SHOWN]
    shown = listed(
        say_n("{word!r} ({count:,} account)", "{word!r} ({count:,} accounts)", words[w], word=w)
        for w in named
    )
    more = len(words) - len(named)
    if more:
        shown = say("{names} and {more} more", names=shown, more=more)
    return ChoiceNeeded(
        say(
            "{source} holds words that are not known as the status of an account: {words}. Say of "
            "each what it means with --status WORD={meanings}.",
            source=source,
            words=shown,
            meanings=either(AccountStatus),
        ),
        option="statuses",
        choices=tuple(Choice(f"{word}={status}") for word in named for status in AccountStatus),
    )


def _said(source: str, closed: tuple[str, ...], opened: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Return which words count as closed and which as open."""
    if not closed and not opened:
        return ()
    return (
        later(
            "Words in {source} that count as closed: {closed}; as open: {opened}.",
            source=source,
            closed=_listed(closed),
            opened=_listed(opened),
        ),
    )


def _listed(cells: tuple[str, ...]) -> tuple[str, ...] | Sentence:
    if not cells:
        return later("none")
    written: dict[str, str] = {}
    for cell in cells:
        written.setdefault(folded_word(cell), " ".join(cell.split()))
    words = list(written.values())
    names, more = tuple(words[:SHOWN]), len(words) - SHOWN
    return later("{names} and {more} more", names=names, more=more) if more > 0 else names


def unread(
    headers: Iterable[str], columns: Iterable[str], declaration: Declaration
) -> tuple[Sentence, ...]:
    """Return what to say of a header that names a status which nothing reads."""
    if STATUS in columns or STATUS in dict(declaration.mapping):
        return ()
    named = (header for header in headers if similarity(header, STATUS) >= SURE - 1)
    return tuple(
        later(
            "{header!r} may hold the status of accounts, and is not read as one: map {column} to "
            "it, so that closed accounts are not raised.",
            header=header,
            column=STATUS,
        )
        for header in named
    )


def settle_status(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, declaration: Declaration
) -> tuple[Sentence, ...]:
    """Turn the words of the accepted accounts into whether they are closed; return what is said.

    Raises
    ------
    ChoiceNeeded, PortfolioError
        As :func:`sort_out` does.
    """
    source = next((b.source for b in plan.bound if b.column.kind is Kind.STATUS), None)
    if source is None:
        return ()
    cells = cursor.execute(
        f"SELECT {STATUS}, count(*) FROM accounts WHERE {STATUS} IS NOT NULL "
        f"GROUP BY {STATUS} LIMIT {SPELLINGS + 1}"
    ).fetchall()
    found = sort_out(cells, source, declaration)
    whether = " ".join(
        f"WHEN {STATUS} IN ({', '.join(map(quoted, words))}) THEN {value}"
        for words, value in ((found.closed, "true"), (found.open, "false"))
        if words
    )
    using = f"CASE {whether} END" if whether else "NULL"
    cursor.execute(f"ALTER TABLE accounts ALTER {STATUS} TYPE BOOLEAN USING {using}")
    return found.said
