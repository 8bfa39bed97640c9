"""Passwords: which are good enough, and how they are kept (argon2id)."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from survey.errors import N_, Problem

SHORTEST, LONGEST = 12, 128
SHORTEST_NAMED = 4  # a login of two letters is part of many words
# Letters and digits that cannot be mistaken for each other when read from paper.
ONE_TIME_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
ONE_TIME_GROUPS, ONE_TIME_GROUP_LENGTH = 4, 4

# Stems of what people choose first; compared after dropping digits, signs, case and accents.
COMMON = """
password passwordpassword matkhau matkhaumatkhau matkhaucuatoi qwertyuiop qwertyuiopasdfgh
qwertyqwerty qwerty qwertyuiopas asdfghjkl asdfghjklzxcvbnm zxcvbnm iloveyou iloveyouiloveyou
anhyeuem emyeuanh yeuem toiyeuvietnam vietnam vietnamvodich vietnamvietnam hanoi saigon
hochiminh admin adminadmin administrator quantri quantrivien quantrihethong welcome letmein
dieutraxahoihoc caicachhanhchinh xhh xahoihoc trustno football bongda monkey dragon master
changeme abc abcd abcdef abcdefgh abcdefghijkl abcabcabcabc abcdabcdabcd default secret test
"""
COMMON_STEMS = frozenset(COMMON.split())


def composed(password: str) -> str:
    """Return a password in the one form in which it is compared: NFC, spaces kept."""
    return unicodedata.normalize("NFC", password)


def problem_with(password: str, login: str) -> Problem | None:
    """Return why a new password is not accepted, None for a good one."""
    password = composed(password)
    if not SHORTEST <= len(password) <= LONGEST:
        message = N_("Mật khẩu cần từ %(least)s đến %(most)s ký tự.")
        return Problem("new", "length", message, {"least": SHORTEST, "most": LONGEST})
    if len(login) >= SHORTEST_NAMED and login.casefold() in password.casefold():
        return Problem("new", "login", N_("Mật khẩu không được chứa tên đăng nhập."))
    if _is_common(password):
        message = N_("Mật khẩu này quá phổ biến. Hãy ghép vài từ không liên quan với nhau.")
        return Problem("new", "common", message)
    return None


def _is_common(password: str) -> bool:
    if len(set(password)) < 5:
        return True
    plain = unicodedata.normalize("NFD", password.casefold().replace("đ", "d"))
    stem = "".join(letter for letter in plain if "a" <= letter <= "z")
    signs = [c for c in plain if not c.isalnum() and not unicodedata.combining(c)]
    return len(signs) < 6 and (not stem or stem in COMMON_STEMS)


def one_time_password() -> str:
    """Return a random password of 80 bits to be handed over and changed at once."""
    groups = (
        "".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(ONE_TIME_GROUP_LENGTH))
        for _ in range(ONE_TIME_GROUPS)
    )
    return "-".join(groups)


def hash_of(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher().hash(composed(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is right; without an account it takes just as long."""
    try:
        _hasher().verify(password_hash or _nobody(), composed(password)[: LONGEST + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return hash_of(secrets.token_urlsafe(24))
