from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.ballotbox import codes


@pytest.mark.parametrize("length", [codes.TYPED_LENGTH, codes.LINK_LENGTH])
def test_a_new_code_is_read_back_as_itself(length: int) -> None:
    code = codes.new_code(length)

    assert codes.normalise(codes.grouped(code).lower()) == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7k2m 9qxr 0d4t", "7K2M9QXR0D4T"),
        ("7K2M-9QXR-OD4T", "7K2M9QXR0D4T"),
        ("ilo0ilo0ilo0", "110011001100"),
        ("7K2M–9QXR—0D4T\n", "7K2M9QXR0D4T"),
    ],
)
def test_look_alikes_and_separators_are_forgiven(typed: str, meant: str) -> None:
    assert codes.normalise(typed) == meant


@pytest.mark.parametrize("typed", ["", "7K2M9QXR0D4", "7K2M9QXR0D4TU", "7K2M9QXR0D4U", "é" * 12])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.normalise(typed) is None


@given(st.text(max_size=300))
def test_any_text_is_a_code_or_none(typed: str) -> None:
    code = codes.normalise(typed)

    assert code is None or set(code) <= set(codes.ALPHABET)


def test_typed_codes_carry_sixty_bits_and_links_more_than_128() -> None:
    assert len(codes.ALPHABET) == 32
    assert codes.TYPED_LENGTH * 5 >= 60
    assert codes.LINK_LENGTH * 5 >= 128


def test_a_tag_depends_on_key_and_code() -> None:
    tags = {codes.tag_of(key, code) for key in (b"1" * 32, b"2" * 32) for code in ("A", "B")}

    assert len(tags) == 4
    assert {len(tag) for tag in tags} == {32}


@given(st.binary(min_size=10, max_size=10))
def test_eighty_bits_are_sixteen_letters_and_different_bytes_differ(value: bytes) -> None:
    letters = codes.as_text(value)

    assert len(letters) == 16
    assert codes.as_text(bytes([value[0] ^ 1, *value[1:]])) != letters
