"""Languages: codes and names as BCP 47 primary tags."""

from __future__ import annotations

import pytest

from offliniofs.detect.languages import language_in_words, language_tag


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "en"),
        ("ENG", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("de-AT", "de"),
        ("pt_BR", "pt"),
        ("zh-Hans", "zh"),
        ("English", "en"),
        ("Français", None),
        ("francais", "fr"),
        ("und", None),
        ("mul", None),
        ("xx", None),
        ("", None),
        (None, None),
        ("e" * 1000, None),
    ],
)
def test_tags(code: str | None, expected: str | None) -> None:
    assert language_tag(code) == expected


def test_only_full_names_count_among_words() -> None:
    assert language_in_words("German") == "de"
    assert language_in_words("it") is None
    assert language_in_words("no") is None
    assert language_in_words("eng") is None
