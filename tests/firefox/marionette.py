"""A real Firefox, spoken to in its own protocol: Marionette, JSON over a local socket.

It is what geckodriver speaks to Firefox, so that neither geckodriver nor Selenium is needed.
The commands are those of WebDriver: https://www.w3.org/TR/webdriver2/
"""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

NAMES = ("firefox-esr", "firefox")
ADVICE = (
    "Firefox is needed for these journeys and was not found. Run:\n    apt-get install firefox-esr"
)
PREFERENCES: dict[str, bool | int | str] = {
    "marionette.port": 0,  # any free one; Firefox writes it into the profile
    "intl.accept_languages": "vi",
    "browser.dom.window.dump.enabled": True,  # errors of scripts go to the log
    "ui.useOverlayScrollbars": 1,  # as on a phone, where a bar takes no width
    # This machine is reached without the proxy, which is none: no page finds another host.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
}
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "ArrowDown": "\ue015", "Space": " "}
PATIENCE = 20.0
Done = TypeVar("Done")


class RefusedError(Exception):
    """Firefox could not do what it was asked."""


class Firefox:
    """A window of Firefox. What acts on an element waits until the element can be acted on."""

    def __init__(self, port: int, log: Path) -> None:
        self.log = log
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.answers = self.wire.makefile("rb")
        self.number = 0
        self._receive()  # how it greets
        self.command("WebDriver:NewSession", capabilities={})

    def close(self) -> None:
        self.answers.close()
        self.wire.close()

    def command(self, name: str, **parameters: Any) -> Any:
        """Send a command and return its value."""
        self.number += 1
        message = json.dumps([0, self.number, name, parameters]).encode()
        self.wire.sendall(b"%d:%b" % (len(message), message))
        _, number, error, result = self._receive()
        assert number == self.number
        if error:
            raise RefusedError(f"{name}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def _receive(self) -> Any:
        length = b""
        while (digit := self.answers.read(1)) != b":":
            assert digit, "Firefox hung up"
            length += digit
        return json.loads(self.answers.read(int(length)))

    def patiently(self, act: Callable[[], Done]) -> Done:
        """Return what comes of an act that may have to wait for the page."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return act()
            except RefusedError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.05)

    def goto(self, url: str) -> None:
        self.command("WebDriver:Navigate", url=url)

    def back(self) -> None:
        self.command("WebDriver:Back")

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script of the test says of the page, also where the page's may not run."""
        return self.command("WebDriver:ExecuteScript", script=script, args=list(arguments))

    def until(self, script: str, *arguments: Any) -> None:
        """Wait until a script says yes."""

        def ask() -> None:
            if not self.run(script, *arguments):
                where = self.run("return location.href + ': ' + document.body.innerText")
                raise RefusedError(f"not so: {script} {arguments} at {where}")

        self.patiently(ask)

    def _find(self, selector: str) -> str:
        language = "xpath" if selector.startswith("//") else "css selector"
        found = self.command("WebDriver:FindElement", using=language, value=selector)
        return str(next(iter(found.values())))

    def click(self, *selectors: str) -> None:
        """Click the first of some elements that can be clicked."""
        turns = itertools.cycle(selectors)
        self.patiently(lambda: self.command("WebDriver:ElementClick", id=self._find(next(turns))))

    def type(self, selector: str, text: str) -> None:
        self.patiently(
            lambda: self.command("WebDriver:ElementSendKeys", id=self._find(selector), text=text)
        )

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        values = [KEYS.get(key, key) for key in keys]
        actions = [{"type": kind, "value": v} for v in values for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.command("WebDriver:PerformActions", actions=[source])

    def narrow(self, url: str, width: int, height: int) -> None:
        """Go on in a window as wide as a phone; Firefox's usual ones are at least 500 pixels."""
        before = set(self.command("WebDriver:GetWindowHandles"))
        look = f"popup,width={width},height={height}"
        self.run("window.open(arguments[0], '_blank', arguments[1])", url, look)
        self.patiently(lambda: self._enter(before))
        self.until("return document.documentElement.clientWidth === arguments[0]", width)

    def _enter(self, before: set[str]) -> None:
        new = set(self.command("WebDriver:GetWindowHandles")) - before
        if not new:
            raise RefusedError("no new window")
        self.command("WebDriver:SwitchToWindow", handle=new.pop(), focus=True)

    def screenshot(self, path: Path) -> None:
        """Take a picture of the whole page."""
        path.write_bytes(base64.b64decode(self.command("WebDriver:TakeScreenshot", full=True)))

    def errors(self) -> list[str]:
        """Return the errors of the pages' scripts so far."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return [line for line in lines if line.startswith("JavaScript error: http://127.0.0.1")]


def find() -> str:
    """Return the path of a Firefox."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise RuntimeError(ADVICE)


@contextmanager
def firefox(folder: Path, *, javascript: bool = True) -> Iterator[Firefox]:
    """Start Firefox with a fresh profile in a folder, without a window on any screen."""
    wanted = PREFERENCES | {"javascript.enabled": javascript}
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items()
    ]
    (folder / "user.js").write_text("\n".join(lines), "utf-8")
    command = [find(), "--headless", "--marionette", "--no-remote", "--profile", str(folder)]
    log = folder / "log.txt"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            with closing(Firefox(_port(folder, process), log)) as browser:
                yield browser
        finally:
            process.terminate()


def _port(folder: Path, process: subprocess.Popen[bytes]) -> int:
    written = folder / "MarionetteActivePort"
    end = time.monotonic() + 60
    while not (written.exists() and written.read_text()):
        assert process.poll() is None, "Firefox did not start: " + (folder / "log.txt").read_text()
        assert time.monotonic() < end, "Firefox says no port to be spoken to on"
        time.sleep(0.05)
    return int(written.read_text())
