"""Every route is listed with who may open it, and opens for nobody else.

`routes.txt` has one line a route: methods, path, and who may open it: `public`, or roles.
A new page, a page that vanished, and a page whose guard changed all show as a difference there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from survey.model.account import Role
from survey.web.auth import access_of
from tests.support.client import form_values
from tests.support.pages import elements, parse

LISTED = Path(__file__).with_name("routes.txt")
SIGN_IN = "/staff/sign-in"
VARIABLE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>")
SAMPLES = {"int": "987654321", "uuid": "00000000-0000-4000-8000-000000000000"}


def lines_of(app) -> list[str]:
    return sorted(
        f"{' '.join(sorted(rule.methods - {'HEAD', 'OPTIONS'}))} {rule.rule}: "
        + " ".join(sorted(access_of(rule.endpoint, app.view_functions[rule.endpoint])))
        for rule in app.url_map.iter_rules()
    )


def listed() -> list[tuple[list[str], str, set[str]]]:
    """Return methods, path and who may open it, of every line in the list."""
    found = []
    for line in LISTED.read_text("utf-8").splitlines():
        route, _, access = line.rpartition(": ")
        *methods, path = route.split(" ")
        found.append((methods, path, set(access.split())))
    return found


def test_every_route_is_listed_with_who_may_open_it(app):
    there, known = lines_of(app), LISTED.read_text("utf-8").splitlines()
    new = [f"add to routes.txt:      {line}" for line in there if line not in known]
    gone = [f"remove from routes.txt: {line}" for line in known if line not in there]

    assert not new + gone, "\n".join(new + gone)
    assert known == sorted(known)


def test_every_route_says_who_may_open_it():
    silent = [path for _, path, access in listed() if not access]

    assert not silent


def test_only_pages_of_respondents_and_signing_in_are_public():
    public = {path for _, path, access in listed() if access == {"public"}}

    assert {path for path in public if path.startswith("/staff")} <= {SIGN_IN}


def guarded() -> list[tuple[str, str, set[str]]]:
    return [
        (method, path, access)
        for methods, path, access in listed()
        for method in methods
        if access != {"public"}
    ]


def address(path: str) -> str:
    """Return a URL of a rule, with values that name nothing."""
    return VARIABLE.sub(lambda found: SAMPLES.get(found[1] or "", "khong-co"), path)


def test_a_number_that_no_column_can_hold_names_nothing(app, login):
    rules = [rule for rule in app.url_map.iter_rules() if "<int" in rule.rule]
    client = login(*(role.value for role in Role))
    wrong = []
    for number in ("2147483647", "2147483648", "99999999999999999999"):
        for rule in rules:
            url = VARIABLE.sub(lambda v: number if v[1] == "int" else "khong-co", rule.rule)  # noqa: B023
            for method in sorted(rule.methods & {"GET", "POST"}):
                status, _ = ask(client, method, url)
                if status != 404:
                    wrong.append(f"{method} {url}: {status}")

    assert len(rules) >= 8
    assert not wrong


def token(client) -> str:
    page = client.get(SIGN_IN, follow_redirects=True)
    form = next(f for f in elements(parse(page.text)[0], "form") if "csrf_token" in form_values(f))
    return str(form_values(form)["csrf_token"])


def ask(client, method: str, url: str) -> tuple[int, str]:
    """Return status and target of a request whose CSRF token is right."""
    headers = {} if method == "GET" else {"X-CSRFToken": token(client)}
    response = client.open(url, method=method, headers=headers)
    return response.status_code, response.headers.get("Location", "")


def test_a_visitor_is_led_to_the_sign_in_page_from_every_guarded_route(client):
    for method, path, _ in guarded():
        status, target = ask(client, method, address(path))

        assert (status, target.startswith(SIGN_IN)) == (303, True), f"{method} {path}"


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_an_account_opens_what_its_role_may_open_and_nothing_else(login, role):
    client = login(role)
    for method, path, access in guarded():
        if path.endswith(("/sign-out", "/password")):
            continue  # open to every role, and it would end the session
        status, target = ask(client, method, address(path))

        assert (status == 403) == (role not in access), f"{role}: {method} {path} is {status}"
        assert not target.startswith(SIGN_IN), f"{role}: {method} {path}"
        assert status < 500, f"{role}: {method} {path}"


def test_a_post_without_a_token_is_refused_everywhere(client):
    for methods, path, _ in listed():
        if "POST" in methods:
            # Respondents bring the token of their form; without it there is no form to write to.
            refusals = {400, 404} if path.startswith("/q/") else {400}
            assert client.post(address(path)).status_code in refusals, path
