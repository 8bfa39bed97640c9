"""Pages of the scoring room."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from survey.clock import now
from survey.definition import read_json
from survey.errors import N_, InvalidError, Problem
from survey.model.account import Role
from survey.scoring import queries, services
from survey.scoring.forms import FrameworkForm, HistoryForm, PointsForm
from survey.scoring.tables import template_of_points
from survey.scoring.words import MODES, rules_of
from survey.web.auth import actor, allow, takes_files
from survey.web.context import session
from survey.web.i18n import gettext

blueprint = Blueprint("scoring", __name__, url_prefix="/staff/scoring")

DONE = N_("Đã nhập %(rows)s dòng, trong đó thay %(replaced)s giá trị đã có.")


@blueprint.get("/")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def frameworks() -> ResponseReturnValue:
    """List frameworks and years."""
    return frameworks_page(FrameworkForm(formdata=None))


@blueprint.post("/frameworks")
@allow(Role.SURVEY_MANAGER)
@takes_files
def load_framework() -> ResponseReturnValue:
    """Take a framework file."""
    form = FrameworkForm()
    if not form.validate_on_submit():
        return frameworks_page(form), 422
    try:
        raw = read_json(form.file.data.read())
        stored = services.load_framework(session(), raw, actor=actor().login, at=now())
    except InvalidError as error:
        return frameworks_page(form, error.problems), 422
    flash(gettext(N_("Đã nạp bộ tiêu chí.")), "success")
    return redirect(url_for(".framework", framework_id=stored.id), code=303)


@blueprint.get("/frameworks/<int:framework_id>")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def framework(framework_id: int) -> ResponseReturnValue:
    """Show a framework: its tree, its rules, where it holds."""
    line = queries.framework_line(session(), framework_id)
    return render_template(
        "scoring/framework.html",
        line=line,
        rows=queries.tree(session(), framework_id),
        rules=rules_of(line.framework),
        exemptions=queries.exemptions(session(), framework_id),
        modes=MODES,
    )


@blueprint.route("/points/<int:year>", methods=["GET", "POST"])
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
@takes_files
def points(year: int) -> ResponseReturnValue:
    """Show which points of a year are there and which are missing; take a file of them."""
    form = PointsForm()
    problems: tuple[Problem, ...] = ()
    if form.validate_on_submit():
        file = form.file.data
        try:
            done = services.import_points(
                session(), year, file.filename, file.read(), actor=actor().login, at=now()
            )
        except InvalidError as error:
            problems = error.problems
        else:
            flash(gettext(DONE, rows=done.rows, replaced=done.replaced), "success")
            return redirect(url_for(".points", year=year), code=303)
    return points_page(year, form, problems), 422 if form.is_submitted() else 200


@blueprint.get("/points/<int:year>/template.csv")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def points_template(year: int) -> ResponseReturnValue:
    """Give the file that the missing points of a year can be written into."""
    missing = [
        (unit.code, leaf.code)
        for block in queries.points_blocks(session(), year)
        for unit, leaves in block.missing
        for leaf in leaves
    ]
    file = io.BytesIO(template_of_points(missing))
    return send_file(
        file, mimetype="text/csv", as_attachment=True, download_name=f"diem-{year}.csv"
    )


@blueprint.route("/history", methods=["GET", "POST"])
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
@takes_files
def history() -> ResponseReturnValue:
    """Show the indices of earlier years; take a file of them."""
    form = HistoryForm()
    problems: tuple[Problem, ...] = ()
    if form.validate_on_submit():
        file = form.file.data
        try:
            done = services.import_history(
                session(), file.filename, file.read(), actor=actor().login, at=now()
            )
        except InvalidError as error:
            problems = error.problems
        else:
            flash(gettext(DONE, rows=done.rows, replaced=done.replaced), "success")
            return redirect(url_for(".history"), code=303)
    lines = queries.history(session())
    page = render_template("scoring/history.html", form=form, problems=problems, lines=lines)
    return page, 422 if form.is_submitted() else 200


def frameworks_page(form: FrameworkForm, problems: tuple[Problem, ...] = ()) -> str:
    """Return the list of frameworks with the form below it."""
    return render_template(
        "scoring/frameworks.html",
        form=form,
        problems=problems,
        lines=queries.framework_lines(session()),
        years=queries.years(session()),
        modes=MODES,
    )


def points_page(year: int, form: PointsForm, problems: tuple[Problem, ...]) -> str:
    """Return the page of a year's points."""
    blocks = queries.points_blocks(session(), year)
    return render_template(
        "scoring/points.html",
        year=year,
        form=form,
        problems=problems,
        blocks=blocks,
        generated_data=any(row.is_generated for b in blocks for row in b.points.values()),
    )
