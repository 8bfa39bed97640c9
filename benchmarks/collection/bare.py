"""The limit: a Flask application that does nothing but show forms and INSERT what comes back.

`POST /one` is one INSERT; the pages from `/` on store each page as it is posted. No template
engine, no checks, no protection, no languages.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from contextlib import closing
from html import escape
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, redirect, request

from survey.config import Settings
from survey.db import Database

QUESTIONNAIRE = Path(__file__).parent / "questionnaire.json"
TABLES = (
    "CREATE TABLE bare_page (session TEXT, page INT, answers TEXT, PRIMARY KEY (session, page))",
    "CREATE TABLE bare_ballot (id TEXT PRIMARY KEY, answers TEXT)",
)

app = Flask(__name__)
local = threading.local()
address = os.environ.get("BARE_DATABASE", "")


def connect(address: str) -> Any:
    """Return a connection on which every statement commits on its own."""
    if not address.startswith("sqlite:///"):
        return psycopg.connect(address.replace("+psycopg", ""), autocommit=True)
    ours = Database(Settings(Path("/tmp"), address, secret_key="x" * 32))
    return ours.engine.raw_connection()  # with the platform's journal and flushes


def make_tables(address: str) -> None:
    """Make the tables, before any worker starts."""
    with closing(connect(address)) as connection:
        for table in TABLES:
            connection.execute(table)


def store(statement: str, values: tuple[object, ...]) -> None:
    """Run one statement."""
    mark = "?" if address.startswith("sqlite") else "%s"
    if not hasattr(local, "connection"):
        local.connection = connect(address)
    local.connection.execute(statement.replace("?", mark), values)


def _pages() -> list[str]:
    document = json.loads(QUESTIONNAIRE.read_text("utf-8"))
    sections = document["sections"]
    return [_page(n, section, document["scales"]) for n, section in enumerate(sections)]


def _page(number: int, section: dict[str, Any], scales: dict[str, Any]) -> str:
    asked = "".join(_question(question, scales) for question in section["questions"])
    title = escape(section["title"]["vi"])
    return (
        f'<!doctype html><html lang="vi"><title>{title}</title><main><h1>{title}</h1>'
        f'<form method="post" action="/page/{number}">{asked}<button>Tiếp tục</button></form>'
    )


def _question(question: dict[str, Any], scales: dict[str, Any]) -> str:
    name, text = question["code"], escape(question["text"]["vi"])
    if question["kind"] == "text":
        return f'<p><label>{text}<textarea name="{name}"></textarea></label>'
    choices = question.get("choices") or scales[question["scale"]]
    radios = "".join(
        f'<label><input type="radio" name="{name}" value="{c["code"]}">{escape(c["label"]["vi"])}'
        "</label>"
        for c in choices
    )
    return f"<fieldset><legend>{text}</legend>{radios}</fieldset>"


PAGES = _pages()


def _posted() -> str:
    return json.dumps(request.form.to_dict(), ensure_ascii=False)


@app.get("/")
@app.get("/page/<int:number>")
def show(number: int = 0) -> Response:
    response = Response(PAGES[number], mimetype="text/html")
    if number == 0:
        response.set_cookie("bare", secrets.token_hex(16))
    return response


@app.post("/page/<int:number>")
def keep(number: int) -> Any:
    values = (request.cookies["bare"], number, _posted())
    store("INSERT INTO bare_page (session, page, answers) VALUES (?, ?, ?)", values)
    after = number + 1
    return redirect(f"/page/{after}" if after < len(PAGES) else "/done", code=303)


@app.get("/done")
def done() -> str:
    return '<!doctype html><html lang="vi"><title>Xong</title><h1 class="receipt">Cảm ơn</h1>'


@app.post("/one")
def one() -> str:
    store("INSERT INTO bare_ballot (id, answers) VALUES (?, ?)", (secrets.token_hex(16), _posted()))
    return done()
