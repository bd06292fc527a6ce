"""The catalogues: whole, in step with the code, and compiled; nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from analytics.declared.language import ENGLISH, LANGUAGES, nearest, say, say_n, spoken
from analytics.shown.messages import messages
from docs import translations

SOURCE = 'say("Say \\"{x}\\"", x=1)\nsay_n("one", "many", n)\nsay("Say \\"{x}\\"", x=2)\n'


def found(source: str = SOURCE) -> Catalog:
    return translations.template(messages([("x.py", source)]))


def kept(*pairs: tuple[translations.Key, str]) -> Catalog:
    """Return a Chinese catalogue of some texts."""
    made = translations.Plain(locale="zh_CN", fuzzy=False)
    for key, text in pairs:
        made.add(key, string=text if isinstance(key, str) else (text,))
    return made


WHOLE = (('Say "{x}"', "说“{x}”"), (("one", "many"), "若干"))


def test_the_catalogues_hold_what_the_code_says() -> None:
    assert translations.check() == []
    held = {path.parents[1].name for path in translations.catalogues()}
    assert held == set(LANGUAGES) - {ENGLISH}


def test_the_template_holds_each_message_once_with_where_it_stands() -> None:
    text = translations.written(found()).decode()
    assert text.split("\n\n")[1:] == [
        '#: x.py\n#, python-brace-format\nmsgid "Say \\"{x}\\""\nmsgstr ""',
        '#: x.py\nmsgid "one"\nmsgid_plural "many"\nmsgstr[0] ""\nmsgstr[1] ""\n',
    ]


def test_nothing_in_a_catalogue_depends_on_the_day_or_the_machine() -> None:
    text = translations.written(kept(*WHOLE)).decode()
    assert "Date" not in text
    assert "Generated" not in text


def test_a_whole_catalogue_is_without_fault() -> None:
    assert list(translations.faults(kept(*WHOLE), found())) == []


@pytest.mark.parametrize(
    ("pairs", "fault"),
    [
        (WHOLE[:1], "missing: 'one'"),
        ((*WHOLE, ("gone", "没了")), "stale: 'gone'"),
        ((('Say "{x}"', ""), WHOLE[1]), "missing: 'Say \"{x}\"'"),
        ((('Say "{x}"', "说"), WHOLE[1]), "places differ"),
        ((('Say "{x}"', "说 {y}"), WHOLE[1]), "places differ"),
        ((('Say "{x}"', "说 {x:,}"), WHOLE[1]), "places differ"),
        ((('Say "{x}"', "说 {x!r}"), WHOLE[1]), "places differ"),
    ],
)
def test_what_is_wrong_is_named(
    pairs: tuple[tuple[translations.Key, str], ...], fault: str
) -> None:
    wrong = list(translations.faults(kept(*pairs), found()))
    assert len(wrong) == 1
    assert fault in wrong[0]


def test_parts_of_a_date_are_the_translators() -> None:
    day = "{day.year}年{day.month}月{day.day}日"
    assert translations.places("{day.year}-{day.month:02}-{day.day:02}") == translations.places(day)


def test_a_text_whose_english_changed_is_a_missing_one() -> None:
    changed = SOURCE.replace("Say", "Please say")
    held = translations.taken_along(kept(*WHOLE), found(changed))
    assert list(translations.faults(held, found(changed))) == ["missing: 'Please say \"{x}\"'"]
    assert "fuzzy" not in translations.written(held).decode()


def test_a_text_that_gets_a_plural_is_a_missing_one() -> None:
    source = 'say_n("one", "many", n)'
    held = translations.taken_along(kept(("one", "一")), found(source))
    assert list(translations.faults(held, found(source))) == ["missing: 'one'"]


def test_a_catalogue_that_is_not_the_compiled_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (path,) = translations.catalogues()
    (folder / "headroom.po").write_bytes(path.read_bytes())
    (folder / "headroom.mo").write_bytes(path.with_suffix(".mo").read_bytes()[:-1])
    (copy,) = translations.catalogues(tmp_path)
    monkeypatch.setattr(translations, "catalogues", lambda: [copy])
    assert translations.check() == ["zh_CN: headroom.mo is not the compiled headroom.po"]
    assert translations.main(["--check"]) == 1
    monkeypatch.setattr(translations, "TEMPLATE", tmp_path / "messages.pot")
    assert translations.main([]) == 0
    assert (folder / "headroom.po").read_bytes() == path.read_bytes()
    assert (folder / "headroom.mo").read_bytes() == path.with_suffix(".mo").read_bytes()


def test_chinese_is_said() -> None:
    with spoken("zh_CN"):
        assert say("Simulate") == "模拟"
        assert say_n("{count:,} month", "{count:,} months", 1) == "1 个月"
        assert say_n("{count:,} month", "{count:,} months", 36) == "36 个月"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *((tag, "zh_CN") for tag in ("zh-CN", "zh_TW.UTF-8", "ZH", "zh-Hans-SG")),
        *((tag, "en") for tag in ("en-GB", "en_US.UTF-8")),
        *((tag, None) for tag in ("fr-FR", "", "C")),
    ],
)
def test_a_tag_names_the_nearest_language(tag: str, language: str | None) -> None:
    assert nearest(tag) == language
