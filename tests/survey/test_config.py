from __future__ import annotations

import multiprocessing
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from survey.config import load_settings
from survey.errors import ConfigurationError


def test_environment_overrules_the_file_and_the_file_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('https = false\ndraft_days = 3\nsite_name = "Tệp"\n')

    settings = load_settings(tmp_path, {"XHH_SITE_NAME": "Môi trường", "HOME": "/"})

    assert settings.site_name == "Môi trường"
    assert settings.draft_days == 3
    assert not settings.https
    assert settings.database_url == f"sqlite:///{tmp_path / 'xhh.sqlite'}"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden\n")

    settings = load_settings(tmp_path, {"XHH_SECRET_KEY_FILE": str(tmp_path / "secret")})

    assert settings.secret_key == "hidden"


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, second = load_settings(tmp_path, {}), load_settings(tmp_path, {})

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        for round_ in range(5):
            folder = tmp_path / str(round_)
            secrets = set(pool.map(secret_of, [folder] * 4))
            assert len(secrets) == 1
            assert [path.name for path in folder.iterdir()] == ["secret_key"]


def secret_of(folder: Path) -> str:
    return load_settings(folder, {}).secret_key


def test_a_damaged_secret_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("")

    with pytest.raises(ConfigurationError, match="secret_key"):
        load_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("colour = 1", "colour"),
        ("https = 'maybe'", "https"),
        ("draft_days = -1", "draft_days"),
        ("= broken", "config.toml"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "config.toml").write_text(content)

    with pytest.raises(ConfigurationError, match=says):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_plain_postgresql_address_is_understood(tmp_path: Path, scheme: str) -> None:
    settings = load_settings(tmp_path, {"XHH_DATABASE_URL": f"{scheme}://u@h/d"})

    assert settings.database_url == "postgresql+psycopg://u@h/d"
