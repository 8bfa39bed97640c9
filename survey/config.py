"""Settings: a frozen record made from defaults, `instance/config.toml` and `XHH_*` variables."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from survey.errors import N_, ConfigurationError

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Everything an operator may choose; `docs/operations.md` explains each setting."""

    instance: Path
    database_url: str = ""  # empty: SQLite file xhh.sqlite in the instance folder
    secret_key: str = ""  # empty: made at first start and kept in the instance folder
    https: bool = True  # Secure cookies with the __Host- prefix, and HSTS
    unsafe_database: bool = False  # tests only: accept a database that does not flush
    site_name: str = "Điều tra xã hội học cải cách hành chính"
    site_name_en: str = "Public administration reform survey"
    trusted_proxies: int = 0  # how many proxies in front set X-Forwarded-For and -Proto
    max_body_bytes: int = 1 * MEGABYTE  # respondent and staff forms
    max_upload_bytes: int = 10 * MEGABYTE  # staff uploads
    draft_days: int = 7  # unfinished answers are deleted after this many days
    idle_minutes: int = 45  # an open form asks for its code again after so long without a sign
    sign_in_attempts: int = 10  # wrong passwords for one account and address in 15 minutes
    wrong_codes_per_minute: int = 60  # wrong codes from one address

    def __post_init__(self) -> None:
        if not self.database_url:
            url = f"sqlite:///{(self.instance / 'xhh.sqlite').absolute()}"
            object.__setattr__(self, "database_url", url)
        if self.database_url.startswith(("postgres://", "postgresql://")):
            tail = self.database_url.split("://", 1)[1]
            object.__setattr__(self, "database_url", f"postgresql+psycopg://{tail}")


def default_instance() -> Path:
    """Return the instance folder: `XHH_INSTANCE`, else `instance/` below the working folder."""
    return Path(os.environ.get("XHH_INSTANCE", "instance")).absolute()


def load_settings(
    instance: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Return the settings of an instance folder; unknown names and wrong types are errors."""
    instance = instance or default_instance()
    known = {f.name: f for f in fields(Settings) if f.name != "instance"}
    chosen: dict[str, Any] = {}
    for name, value in {**_from_file(instance / "config.toml"), **_from_environ(environ)}.items():
        if name not in known:
            raise ConfigurationError(
                N_("Không có thiết lập nào tên “%(name)s”. Xem docs/operations.md."), name=name
            )
        chosen[name] = _typed(name, value, str(known[name].type))
    chosen["secret_key"] = chosen.get("secret_key") or _kept_secret(instance)
    return Settings(instance=instance, **chosen)


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            N_("Không đọc được %(path)s: %(error)s"), path=str(path), error=str(error)
        ) from error


def _from_environ(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for key, value in environ.items():
        name = key.removeprefix("XHH_").lower()
        if not key.startswith("XHH_") or name in {"instance", "lang", "test_database_url"}:
            continue
        if name.endswith("_file"):
            found[name.removesuffix("_file")] = Path(value).read_text("utf-8").strip()
        else:
            found[name] = value
    return found


def _typed(name: str, value: Any, kind: str) -> Any:
    if kind == "bool" and str(value).lower() in {"true", "1", "false", "0"}:
        return str(value).lower() in {"true", "1"}
    if kind == "int" and str(value).isdigit():
        return int(value)
    if kind == "str" and isinstance(value, str):
        return value
    raise ConfigurationError(
        N_("Thiết lập “%(name)s” không nhận giá trị “%(value)s” (cần kiểu %(kind)s)."),
        name=name,
        value=value,
        kind=kind,
    )


def _kept_secret(instance: Path) -> str:
    path = instance / "secret_key"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        write_private(path, secrets.token_hex(32).encode())
    secret = path.read_text("ascii").strip()
    if len(secret) < 32:
        raise ConfigurationError(
            N_("Tệp %(path)s hỏng: khóa bí mật cần ít nhất 32 ký tự."), path=str(path)
        )
    return secret


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that its owner alone can read; keep the file if somebody was faster.

    The file appears whole or not at all, also when several processes start at once.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
