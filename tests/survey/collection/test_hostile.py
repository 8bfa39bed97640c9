"""The catalogue of hostile input against every kind: refused or kept whole, never half, in time."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.questionnaire.fields import fields_of
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse as parse_document
from tests.conftest import FIXED_TIME
from tests.support import catalogue
from tests.support.attacker import PAGES, Attacker, in_time
from tests.support.client import CheckedClient
from tests.support.pages import elements, parse, text

REFUSED = {400, 404, 409, 413, 415}
ENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def me(client: CheckedClient, session: Session, settings: Settings, at: object) -> Attacker:
    return Attacker(client, session, settings)


def bare(said: str) -> str:
    """Return a text without what a number may be grouped by."""
    return re.sub(r"[\s.,]", "", said).replace("\N{MINUS SIGN}", "-")


def is_whole(raw: Raw, sent: str) -> bool:
    """Tell whether a raw answer holds all of what was sent."""
    said = "".join(raw) if isinstance(raw, tuple) else str(raw)
    return bare(sent) in bare(said)


def test_the_document_has_every_kind() -> None:
    document = parse_document(catalogue.every_question())

    assert {question.kind for question in document.questions()} == set(KINDS)


@pytest.mark.parametrize("name", catalogue.HOSTILE)
def test_a_hostile_text_in_every_field_is_kept_whole_or_refused(me: Attacker, name: str) -> None:
    me.fill_in()
    said = catalogue.HOSTILE[name]
    for page in PAGES:
        before, sent = me.kept(), me.form(page)
        fields = me.offered(page) - {"q_so_con"}
        for field in fields:
            sent.setlist(field, [said])

        response = me.send(f"page/{page}", data=sent)

        after = me.kept()
        if response.status_code in REFUSED:
            assert after == before
            continue
        assert response.status_code in {303, 422}
        assert after.revision == before.revision + 1
        kept = {key: raw for key, raw in after.answers.items() if before.answers.get(key) != raw}
        shown = Interview(parse_document(catalogue.every_question()), context(), after.answers)
        attacked = {one.key for p in shown.pages if p.id == page for one in shown.fields_of(p)
                    if fields & set(fields_of(one))}  # fmt: skip
        assert set(kept) <= attacked
        assert not said.strip() or set(kept) == attacked
        assert all(is_whole(raw, said) for raw in kept.values())
        assert me.get(f"page/{page}").status_code == 200
    with in_time():
        assert me.get("check").status_code == 200
    forged = me.form("so") | {"ballot": me.kept().ballot_id.hex(), "content": "0" * 64}
    assert me.send("check", data=forged).status_code in {409, 422}
    assert me.ballots() == []


def context() -> Context:
    return Context(today=FIXED_TIME.date(), units=("U2", "U3"))


@pytest.mark.parametrize("name", catalogue.TEXTS | catalogue.LETTERS)
def test_a_comment_is_shown_as_text_and_stored_as_shown(me: Attacker, name: str) -> None:
    said = (catalogue.TEXTS | catalogue.LETTERS)[name]
    me.fill_in()
    sent = me.form("chu")
    sent["q_gop_y"] = said

    response = me.send("page/chu", data=sent)

    if response.status_code == 422:  # nothing but an error, and what was typed stands beside it
        areas = elements(parse(response.text)[0], "textarea")
        typed = "".join("".join(area.itertext()) for area in areas)
        assert typed.replace("\r\n", "\n") == said.replace("\x00", "")
        return
    shown = text(parse(me.get("check").text)[0])
    me.hand_in()
    (ballot,) = me.ballots()
    stored = json.loads(ballot.answers)["answers"].get("gop_y", "")
    assert " ".join(stored.split()) in shown
    assert unseen(stored) == unseen(said)


def unseen(said: str) -> str:
    """Return a text composed, without what nobody sees: controls, turns, what is no letter."""
    lines = said.replace("\r\n", "\n").replace("\r", "\n").strip()
    gone = "\u200b\ufeff\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    gone += "\ufffe\uffff\U0010ffff"
    kept = (c for c in lines if c not in gone and (c == "\n" or unicodedata.category(c) != "Cc"))
    return unicodedata.normalize("NFC", "".join(kept))


@pytest.mark.parametrize("name", catalogue.DATES)
def test_a_date_that_no_calendar_has_is_refused_and_shown_again(me: Attacker, name: str) -> None:
    me.fill_in()
    sent, parts = me.form("so"), ("day", "month", "year")
    shown_as = catalogue.DATES[name] if name != "whole" else ("31", "2", "2026")
    typed = {f"q_{code}--{part}": said for code in ("ngay", "tu_nam")
             for part, said in zip(parts, catalogue.DATES[name], strict=True)}  # fmt: skip

    response = me.send("page/so", data=sent.to_dict(flat=True) | typed)

    is_in_calendar = name in {"Buddhist", "far"}
    assert response.status_code == (303 if is_in_calendar else 422)
    shown = {e.get("name"): e.get("value") or "" for e in
             elements(parse(me.get("page/so").text)[0], "input")}  # fmt: skip
    for code in ("ngay", "tu_nam"):
        again = (shown[f"q_{code}--{part}"].lstrip("0") for part in parts)
        assert tuple(again) == tuple(said.lstrip("0") for said in shown_as)


def gzipped(form: bytes) -> dict[str, Any]:
    return {"data": gzip.compress(form), "headers": {"Content-Encoding": "gzip"}}


def multipart(value: bytes, more: bytes = b"") -> dict[str, Any]:
    head = b'--x\r\nContent-Disposition: form-data; name="q_gop_y"' + more
    body = head + b"\r\n\r\n" + value + b"\r\n--x--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


BODIES: dict[str, tuple[Callable[[bytes], dict[str, Any]], set[int]]] = {
    "packed": (gzipped, {415}),
    "deflated": (lambda b: {"data": b, "headers": {"Content-Encoding": "deflate"}}, {415}),
    "JSON": (lambda _: {"json": {"q_gop_y": "x"}}, {415}),
    "XML": (lambda _: {"data": b"<a/>", "content_type": "text/xml"}, {415}),
    "no type": (lambda b: {"data": b, "content_type": ""}, {415}),
    "charset": (lambda b: {"data": b, "content_type": f"{ENCODED}; charset=utf-16"}, {400}),
    "UTF-16": (lambda b: {"data": b.decode().encode("utf-16")}, {400}),
    "UTF-16 unmarked": (lambda b: {"data": b.decode().encode("utf-16-le")}, {400, 409}),
    "Latin 1": (lambda b: {"data": b + b"&q_gop_y=caf\xe9"}, {400}),
    "bad bytes": (lambda b: {"data": b + b"&q_gop_y=%ff%fe"}, {400}),
    "lone surrogate": (lambda b: {"data": b + b"&q_gop_y=%ed%a0%80"}, {400}),
    "overlong": (lambda b: {"data": b + b"&q_gop_y=%c0%af"}, {400}),
    "bad part": (lambda _: multipart(b"\xff"), {400}),
    "file": (lambda _: multipart(b"x", b'; filename="x"'), {400}),
    "broken parts": (lambda _: {"data": b"--y", "content_type": "multipart/form-data"}, {400, 409}),
    "10 MB": (lambda b: {"data": b + b"&q_gop_y=" + b"x" * 10_000_000}, {413}),
    "long answer": (lambda b: {"data": b + b"&q_gop_y=" + b"x" * 150_000}, {413}),
    "100,000 fields": (lambda b: {"data": b + b"&q_x=1" * 100_000}, {400}),
    "100,000 other fields": (lambda b: {"data": b + b"&x=1" * 100_000}, {400}),
    "two revisions": (lambda b: {"data": b + b"&revision=7"}, {400}),
    "two forms": (lambda b: {"data": b + b"&visit=x"}, {400}),
    "two ways": (lambda b: {"data": b + b"&go=on&go=back"}, {400}),
    "two answers": (lambda b: {"data": b + b"&q_gop_y=1&q_gop_y=2"}, {400}),
    "crowd": (lambda b: {"data": b + b"&" + urlencode(
        {"q_gop_y": "a" + "\u0301\u0316" * 45_000}).encode()}, {422}),
    "empty": (lambda _: {"data": b""}, {409}),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_no_page_sends_changes_nothing(me: Attacker, name: str) -> None:
    me.fill_in()
    form = me.form("chu")
    form.pop("q_gop_y")
    before = me.kept()
    make, expected = BODIES[name]
    request = {"content_type": ENCODED} | make(urlencode(list(form.items(multi=True))).encode())
    if "json" in request:
        request.pop("content_type")

    response = me.send("page/chu", **request)

    assert response.status_code in expected
    assert response.status_code == 422 or me.kept() == before


FIELDS = {
    "unknown": ("chu", "q_khong_co"), "own unit": ("thang", "q_diem__U1"),
    "no unit": ("thang", "q_diem__U99"), "no row": ("thang", "q_diem"), "row": ("so", "q_tuoi__U2"),
    "repetition 99": ("con@1", "q_ten__@99"), "next": ("con@1", "q_ten__@2"),
    "repetition": ("so", "q_tuoi__@1"), "other page": ("chu", "q_tuoi"),
    "note": ("so", "q_ghi_chu"),
    "hidden": ("chu", "q_cua"), "calculated": ("chu", "q_tong"), "part": ("so", "q_ngay--hour"),
    "no part": ("so", "q_ngay"), "dunder": ("chu", "q___class__"), "battery": ("thang", "q_deu"),
    "long": ("chu", "q_" + "x" * 5000), "NUL": ("chu", "q_gop_y\x00"), "prefix": ("chu", "q_"),
    "reason": ("so", "q_tuoi--missing"), "no reason": ("so", "q_ngay--missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_that_the_page_does_not_have_changes_nothing(me: Attacker, name: str) -> None:
    me.fill_in()
    page, field = FIELDS[name]
    before, form = me.kept(), me.form(page)
    if name == "reason":
        form["q_tuoi"] = ""
    form[field] = "not_reached"

    assert me.send(f"page/{page}", data=form).status_code == 400
    assert me.kept() == before


TWICE = {"q_truc_tuyen": ["yes", "no"], "q_tinh": ["01", "02"], "q_doi_tuong": ["dn", "dn"]}


@pytest.mark.parametrize("field", TWICE)
def test_several_values_where_one_is_taken_are_refused(me: Attacker, field: str) -> None:
    me.fill_in()
    before, form = me.kept(), me.form("chon")
    form.setlist(field, TWICE[field])

    assert me.send("page/chon", data=form).status_code == 400
    assert me.kept() == before


@pytest.mark.parametrize("codes", [["web", "web"], ["web", "ko"], ["web", "dt", "bp"], ["w"] * 99])
def test_a_list_that_cannot_be_is_told(me: Attacker, codes: list[str]) -> None:
    me.fill_in()
    form = me.form("chon")
    form.setlist("q_kenh", codes)

    assert me.send("page/chon", data=form).status_code == 422
    assert me.kept().answers["kenh", ""] == tuple(codes)


def test_an_answer_to_what_is_not_asked_stays_out_of_the_ballot(me: Attacker) -> None:
    me.fill_in()
    form = me.form("chon")
    form["q_ten_dn"] = "Xây dựng"  # asked of businesses only
    me.send("page/chon", data=form)

    me.hand_in()

    (ballot,) = me.ballots()
    content = json.loads(ballot.answers)
    assert "ten_dn" not in content["answers"]
    assert "ten_dn" in content["missing"]["not_asked"]


STATE = {
    "revision": ["", "-1", "1.0", "true", "NaN", "٣", "9" * 5000, "0x1", "1e3", " 1", "1\x00"],
    "visit": ["", "x", "x" * 5000, "ạ" * 43, "\x00", "../../x", "A" * 43],
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, vs in STATE.items() for v in vs])
def test_forged_state_of_a_page_changes_nothing(me: Attacker, field: str, value: str) -> None:
    me.fill_in()
    before, form = me.kept(), me.form("chu")
    form["q_gop_y"], form[field] = "khác", value

    assert me.send("page/chu", data=form).status_code in {400, 409}
    assert me.kept() == before


BALLOTS = {
    "ballot": ["", "zz" * 16, "00" * 15, "00" * 16, "٣" * 32, "0" * 100_000, "\x00" * 32],
    "content": ["", "0" * 64, "x" * 100_000, "ạ", "\x00", "{{7*7}}"],
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, vs in BALLOTS.items() for v in vs])
def test_forged_ballots_are_not_taken(me: Attacker, field: str, value: str) -> None:
    me.fill_in()
    before, posted = me.kept(), me.hidden("check")

    assert me.send("check", data=posted | {field: value}).status_code in {400, 409, 422}
    assert me.ballots() == []
    assert me.kept() == before


@pytest.mark.parametrize(
    "page",
    ["..%2f..%2fetc%2fpasswd", "..", "%00", "chu%00", "x" * 5000, "%ed%a0%80", "{{7*7}}", "con",
     "con@0", "con@01", "con@-1", "con@1.0", "con@%D9%A3", "con@99", "con@4", "chu@1", "all", "%0a",
     "chu/", "%2e%2e%2fcheck", "<script>", "Chu"],
)  # fmt: skip
def test_pages_that_are_not_there_are_not_found(me: Attacker, page: str) -> None:
    me.fill_in()
    before, form = me.kept(), me.form("chu")

    assert me.send(f"page/{page}", data=form).status_code in {404, 400, 405}
    assert me.get(f"page/{page}").status_code in {404, 308}
    assert me.kept() == before


def test_a_repetition_that_left_the_path_keeps_what_is_typed_in_it(me: Attacker) -> None:
    me.fill_in()
    form = me.form("con@1")
    me.answer("so", {"q_so_con": "0"})
    form["q_ten"] = form["q_ten__@1"] = "An"
    form.pop("q_ten")

    assert me.send("page/con@1", data=form).status_code == 303
    assert me.kept().answers["ten", "@1"] == "An"
    assert me.get("check").status_code == 200


def test_forged_confirmations_do_not_pile_up(me: Attacker) -> None:
    me.fill_in()
    for turn in range(3):
        form = me.form("so")
        form.setlist("confirm", [f"x{turn}{n}:y" for n in range(300)] + ["tuoi:1"])
        me.send("page/so", data=form)

    assert me.kept().confirmed <= {"tuoi:1"}


@pytest.mark.parametrize("code", [*catalogue.HOSTILE.values(), "x" * 500_000])
def test_hostile_codes_open_no_door(me: Attacker, code: str) -> None:
    with in_time():
        response = me.client.post(me.world.url, data={"code": code, "lang": code[:99]})

    assert response.status_code == 422
    assert replace(me.kept(), revision=0).answers == {}
