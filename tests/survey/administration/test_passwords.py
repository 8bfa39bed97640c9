"""Which passwords are good enough, and how they are kept."""

from __future__ import annotations

import unicodedata

import pytest

from survey.administration import passwords


@pytest.mark.parametrize(
    "password",
    [
        "con mèo trèo cây cau",
        "x" * 6 + "yzabcd123!!",
        "Hồ Gươm 1010 sương mù",
        "🌾🌾🌾 ruộng bậc thang",
        "k" * 60 + "abcdefgh" + "z" * 60,
    ],
)
def test_a_good_password_is_accepted(password):
    assert passwords.problem_with(password, "an") is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "length"),
        ("x" * 11, "length"),
        ("abcd" * 33, "length"),
        ("password1234", "common"),
        ("Mật khẩu 123456", "common"),
        ("MATKHAU@20262027", "common"),
        ("Vietnam@123456", "common"),
        ("123456789012", "common"),
        ("20/11/2026 20/11/2026", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("abababababababab", "common"),
        ("qwertyuiop12", "common"),
        ("tôi là nguyen.an đây", "login"),
        ("NGUYEN.AN rất dài", "login"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password, code):
    assert passwords.problem_with(password, "nguyen.an").code == code


def test_length_is_counted_in_letters_as_people_see_them():
    decomposed = unicodedata.normalize("NFD", "mật khẩu tốt")

    assert len(decomposed) > 12
    assert passwords.problem_with(decomposed[:-1], "an").code == "length"


def test_a_hash_is_argon2id_and_never_twice_the_same():
    first, second = passwords.hash_of("con mèo trèo cây"), passwords.hash_of("con mèo trèo cây")

    assert first.startswith("$argon2id$")
    assert first != second
    assert len(first) <= 200
    assert passwords.matches(first, "con mèo trèo cây")
    assert not passwords.matches(first, "con mèo trèo cau")


@pytest.mark.parametrize("stored", [None, "", "no hash at all"])
def test_nothing_matches_where_there_is_no_hash(stored):
    assert not passwords.matches(stored, "con mèo trèo cây")


def test_one_time_passwords_are_random_and_readable():
    made = {passwords.one_time_password() for _ in range(200)}

    assert len(made) == 200
    assert not set("".join(made)) & set("0O1Il")
    assert all(passwords.problem_with(password, "an") is None for password in made)
