"""A respondent at the test client: opens a form with a code, and knows its address."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from tests.factories import World
from tests.support.client import CheckedClient, Values

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
RECEIPT = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


class Respondent:
    """Somebody with a code of a campaign, and a browser of their own."""

    def __init__(self, client: CheckedClient, world: World, code: str | None = None) -> None:
        self.client = client
        self.world = world
        self.code = code or world.codes[0]
        self.url = ""

    def open(self, **more: str) -> TestResponse:
        """Type the code at the door and remember the address of the form."""
        response = self.client.submit(self.world.url, {"code": self.code, **more})
        assert response.status_code == 303, response.text
        self.url = response.location.rpartition("/")[0]
        return response

    def at(self, path: str) -> str:
        """Return an address inside the form."""
        return f"{self.url}/{path}"

    def get(self, path: str) -> TestResponse:
        """Return a page of the form."""
        return self.client.get(self.at(path))

    def answer(
        self,
        page: str,
        values: Values | None = None,
        *,
        button: str | None = None,
        forged: Values | None = None,
        follow_redirects: bool = False,
    ) -> TestResponse:
        """Fill in a page and send it."""
        return self.client.submit(
            self.at(f"page/{page}"),
            values,
            button=button,
            forged=forged,
            follow_redirects=follow_redirects,
        )

    def answer_all(self) -> None:
        """Fill in the usual questionnaire of the factories."""
        self.open()
        answers = {"q_c1__U2": "A", "q_c1__U3": "KB", "q_c2__U2": "B"}
        assert self.answer("units", answers).status_code == 303
        assert self.answer("self", {"q_post": "2"}).status_code == 303
        self.answer("end", {"q_comment": "Rất tốt\r\nCảm ơn"})

    def hidden(self, path: str = "check") -> dict[str, str]:
        """Return what the form of a page posts without being seen."""
        return hidden_of(self.get(path).text)

    def hand_in(self) -> str:
        """Send the ballot and return its receipt."""
        response = self.client.submit(self.at("check"), follow_redirects=True)
        assert response.status_code == 200, response.text
        found = RECEIPT.search(response.text)
        assert found is not None
        return found.group()


def hidden_of(page: str) -> dict[str, str]:
    """Return the hidden fields on a page."""
    return dict(HIDDEN.findall(page))
