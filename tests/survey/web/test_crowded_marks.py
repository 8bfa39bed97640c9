"""A crowd of combining marks is refused before it costs time, on a page that anybody can reach."""

from __future__ import annotations

import time

import pytest

from tests.support.client import CheckedClient

CROWD = "a" + "\u0301\u0316" * 40_000  # takes seconds to compose


@pytest.mark.parametrize("field", ["login", "password"])
def test_signing_in_with_a_crowd_of_marks_is_refused_at_once(
    client: CheckedClient, field: str
) -> None:
    answers = {"login": "quan-tri", "password": "khong phai mat khau"} | {field: CROWD}

    started = time.thread_time()
    response = client.submit("/staff/sign-in", answers)

    assert response.status_code == 422
    assert time.thread_time() - started < 1
    assert field == "password" or "mang quá nhiều dấu" in response.text
