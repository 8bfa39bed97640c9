"""Pages of the results room."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from survey.clock import now
from survey.errors import N_, NotFoundError
from survey.model.account import Role
from survey.model.result import Run
from survey.results import files, method, present, queries, services
from survey.results.words import ROUNDING_NOTE, in_language, speaker
from survey.web.auth import actor, allow
from survey.web.context import session, settings
from survey.web.i18n import gettext, locale

blueprint = Blueprint("results", __name__, url_prefix="/staff/results")

# A drawing carries its own styles; opened by itself it may use them and nothing else.
DRAWING = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@blueprint.get("/")
@allow(Role.ANALYST)
def campaigns() -> ResponseReturnValue:
    """Show every campaign with its state and newest run."""
    lines = queries.campaigns(session(), now())
    return render_template("results/campaigns.html", lines=lines, at=now())


@blueprint.get("/campaigns/<code>")
@allow(Role.ANALYST)
def campaign(code: str) -> ResponseReturnValue:
    """Show the runs of a campaign."""
    found = queries.campaign_by_code(session(), code)
    return render_template(
        "results/campaign.html",
        campaign=found,
        runs=queries.runs_of(session(), found),
        ballots=queries.ballot_count(session(), found, now()),
        is_closed=found.launched_at is not None and found.closes_at <= now(),
        generated_data=found.is_generated,
    )


@blueprint.post("/campaigns/<code>/run")
@allow(Role.ANALYST)
def start(code: str) -> ResponseReturnValue:
    """Make a run of a closed campaign."""
    found = queries.campaign_by_code(session(), code)
    run = services.make_run(session(), settings(), found, actor=actor().login, at=now())
    flash(gettext(N_("Đã tính xong. Kết quả này được giữ nguyên và không thể sửa.")), "success")
    return redirect(url_for(".run", run_id=run.id), code=303)


@blueprint.get("/runs/<uuid:run_id>")
@blueprint.get("/runs/<uuid:run_id>/blocks/<block>")
@allow(Role.ANALYST)
def run(run_id: uuid.UUID, block: str | None = None) -> ResponseReturnValue:
    """Show a block of a run: counts first, then ranks, criteria, chart and method."""
    stored = queries.run_by_id(session(), run_id)
    result = json.loads(stored.result)
    shown = _block(result, block)
    say = speaker(locale())

    def unit_url(unit: Mapping[str, Any]) -> str:
        return url_for(".unit", run_id=run_id, block=shown["code"], unit=unit["code"])

    sort = request.args.get("sort", "-total")
    return render_template(
        "results/run.html",
        **_common(stored, result, shown),
        ranking=present.ranking(shown, unit_url),
        unranked=present.unranked(shown, unit_url),
        matrix=present.matrix(shown, unit_url, sort),
        sort=sort,
        notes=[*method.of_block(shown, say, locale()), *method.of_run(result, say, locale())],
        silent=list(method.silent(result, say, locale())),
        file_names=files.NAMES,
        public_names=files.PUBLIC,
    )


@blueprint.get("/runs/<uuid:run_id>/blocks/<block>/units/<unit>")
@allow(Role.ANALYST)
def unit(run_id: uuid.UUID, block: str, unit: str) -> ResponseReturnValue:
    """Show everything a run says about one unit."""
    stored = queries.run_by_id(session(), run_id)
    result = json.loads(stored.result)
    shown = _block(result, block)
    found = next((one for one in shown["units"] if one["code"] == unit), None)
    if found is None:
        raise NotFoundError
    return render_template(
        "results/unit.html",
        **_common(stored, result, shown),
        unit=found,
        line=present.line_of(shown, found, lambda _: ""),
    )


@blueprint.get("/runs/<uuid:run_id>/blocks/<block>/chart.svg")
@allow(Role.ANALYST)
def chart(run_id: uuid.UUID, block: str) -> ResponseReturnValue:
    """Draw the interval chart of a block; `?narrow=1` for a phone."""
    stored = queries.run_by_id(session(), run_id)
    result = json.loads(stored.result)
    narrow = "narrow" in request.args
    drawn = files.chart(result, _block(result, block), locale(), narrow=narrow)
    return Response(drawn, mimetype="image/svg+xml", headers={"Content-Security-Policy": DRAWING})


@blueprint.get("/runs/<uuid:run_id>/files/<file_name>")
@allow(Role.ANALYST)
def download(run_id: uuid.UUID, file_name: str) -> ResponseReturnValue:
    """Give a run as a file."""
    stored = queries.run_by_id(session(), run_id)
    kind = (files.NAMES | files.PUBLIC).get(file_name)
    if kind is None:
        raise NotFoundError
    if file_name in files.PUBLIC:
        released = services.release(session(), settings(), stored)
        content = files.public(released, file_name, locale())
    else:
        content = files.content(stored.result, file_name, locale())
    kept_as = f"{stored.campaign.code}-{file_name}"
    return send_file(io.BytesIO(content), kind, as_attachment=True, download_name=kept_as)


def _block(result: Mapping[str, Any], code: str | None) -> dict[str, Any]:
    """Return the block of a run that was asked for; the first where none was named."""
    blocks: list[dict[str, Any]] = result["blocks"]
    found = next((block for block in blocks if code in (None, block["code"])), None)
    if found is None:
        raise NotFoundError
    return found


def _common(stored: Run, result: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every page of a run needs."""
    return {
        "run": stored,
        "result": result,
        "block": block,
        "present": present,
        "campaign_title": in_language(result["campaign"]["title"], locale()),
        "rounding_note": ROUNDING_NOTE,
        "generated_data": stored.is_generated,
    }
