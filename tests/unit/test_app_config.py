from __future__ import annotations

from pathlib import Path

import pytest

from offliniofs.app.config import Settings, load_settings, settings_from
from offliniofs.app.layout import locate_store
from offliniofs.domain.errors import ConfigError


def test_a_missing_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "offliniofs.toml") == Settings()


def test_a_file_overrides_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "offliniofs.toml"
    path.write_text('search_limit = 50\nlog_level = "debug"\n')
    settings = load_settings(path)
    assert (settings.search_limit, settings.log_level, settings.readers) == (50, "debug", Settings().readers)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("search_limt = 5", "Did you mean search_limit?"),
        ("zzz = 5", "Known:"),
        ('search_limit = "5"', "must be of type int"),
        ("search_limit = true", "must be of type int"),
        ("search_limit = 0", "between 1 and 10000"),
        ('log_level = "loud"', "use one of debug"),
        ("search_limit = ", "not valid TOML"),
        ("# " + "x" * 70_000, "over 65536 bytes"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "offliniofs.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=part.replace("?", r"\?")):
        load_settings(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "offliniofs.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_settings(path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Cannot read"):
        load_settings(tmp_path)


def test_settings_name_their_origin() -> None:
    with pytest.raises(ConfigError, match="here sets 'nothing'"):
        settings_from({"nothing": 1}, "here")


def test_the_option_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFLINIOFS_STORE", str(tmp_path / "environment"))
    assert locate_store(str(tmp_path / "option")).root == tmp_path / "option"
    assert locate_store(None).root == tmp_path / "environment"


def test_without_either_the_data_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OFFLINIOFS_STORE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    layout = locate_store(None)
    assert layout.root == tmp_path / "offliniofs"
    assert not layout.exists
    assert layout.catalogue.parent == layout.backups.parent == layout.run.parent == layout.root


def test_an_empty_store_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="name is empty"):
        locate_store(" ")
