"""The built wheel is whole: installed away from the checkout it serves styled pages."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.pages import problems
from tests.support.source import ROOT

START_S = 60.0


def run(*command: object, **options: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network from what git keeps."""
    source = tmp_path_factory.mktemp("source")
    names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target]
    run(*build, source)
    (found,) = target.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script folder of a new environment: ours from the wheel, dependencies lent by a path."""
    home = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", home)
    packages = Path(run(home / "bin/python", "-c", SITE_PACKAGES).strip())
    pip = [sys.executable, "-m", "pip", "--python", home / "bin/python"]
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    # Only the folder is put on the path: .pth files in it, such as the one of an editable
    # installation of the checkout, are not read.
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return home / "bin"


SITE_PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))"


@contextmanager
def served(scripts: Path, instance: Path) -> Iterator[str]:
    """Yield the address of a server that the installed programs started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "XHH_HTTPS": "false", "XHH_INSTANCE": str(instance)}
    options = {"cwd": instance, "env": environment}
    run(scripts / "xhh", "db", "upgrade", **options)
    gunicorn = [scripts / "python", "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    gunicorn += ["--workers", "1", "--threads", "2", "--no-control-socket"]
    with (instance / "log").open("wb") as log:
        server = subprocess.Popen(
            [*map(str, gunicorn), "survey.app:create_app()"], stdout=log, stderr=log, **options
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(START_S)


def fetch(address: str) -> tuple[str, str]:
    """Return type and text of a page, waiting for the server to be up."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=START_S) as response:
                return response.headers.get_content_type(), response.read().decode()
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_the_wheel_holds_templates_static_files_migrations_and_translations(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {
        path.relative_to(ROOT).as_posix().replace("templates/", "survey/templates/", 1)
        for folder in ("templates", "survey/static", "survey/translations", "survey/migrations")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }

    assert not wanted - names
    assert not [name for name in names if name.startswith(("tests/", "instance/"))]


def test_an_installed_wheel_serves_a_styled_page(installed, tmp_path):
    where = run(installed / "python", "-c", "import survey; print(survey.__file__)", cwd=tmp_path)
    with served(installed, tmp_path) as address:
        kind, page = fetch(f"{address}/")
        (sheet, *_) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        sheet_kind, styles = fetch(f"{address}{sheet}")

    assert Path(where.strip()).is_relative_to(installed.parent)
    assert kind == "text/html"
    assert not problems(page)
    assert sheet_kind == "text/css"
    assert "--" in styles
