"""Pages of the design room."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from survey.clock import local_date, now
from survey.definition import read_json
from survey.design import queries, services
from survey.design.forms import QuestionnaireForm
from survey.design.preview import page_of
from survey.errors import N_, InvalidError, NotFoundError, Problem
from survey.model.account import Role
from survey.questionnaire import canonical
from survey.questionnaire.document import in_language
from survey.web.auth import actor, allow, takes_files
from survey.web.context import session
from survey.web.i18n import gettext, locale

blueprint = Blueprint("design", __name__, url_prefix="/staff/design")


@blueprint.get("/")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def questionnaires() -> ResponseReturnValue:
    """List the questionnaires with their versions."""
    return questionnaires_page(QuestionnaireForm(formdata=None))


@blueprint.post("/questionnaires")
@allow(Role.SURVEY_MANAGER)
@takes_files
def publish() -> ResponseReturnValue:
    """Take a document and freeze it as the next version."""
    form = QuestionnaireForm()
    if not form.validate_on_submit():
        return questionnaires_page(form), 422
    try:
        raw = read_json(form.file.data.read())
        stored = services.publish(session(), raw, actor=actor().login, at=now())
    except InvalidError as error:
        return questionnaires_page(form, error.problems), 422
    code, number = stored.questionnaire.code, stored.number
    flash(gettext(N_("Nội dung tệp là phiên bản %(number)s."), number=number), "success")
    return redirect(url_for(".version", code=code, number=number), code=303)


@blueprint.get("/questionnaires/<path:code>/versions/<int:number>")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def version(code: str, number: int) -> ResponseReturnValue:
    """Show everything in a version, in every language."""
    line = queries.version_line(session(), code, number)
    return render_template("design/version.html", line=line, in_language=in_language)


@blueprint.get("/questionnaires/<path:code>/versions/<int:number>/document.json")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def document(code: str, number: int) -> ResponseReturnValue:
    """Give the document of a version, as it was published."""
    line = queries.version_line(session(), code, number)
    name = f"{code}-v{number}.json".replace("/", "-")
    file = io.BytesIO(canonical.dumps(line.version.document).encode("utf-8"))
    return send_file(file, mimetype="application/json", as_attachment=True, download_name=name)


@blueprint.get("/questionnaires/<path:code>/versions/<int:number>/preview/<int:page>")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def preview(code: str, number: int, page: int) -> ResponseReturnValue:
    """Show a page as respondents see it; nothing can be sent from it."""
    line = queries.version_line(session(), code, number)
    if not 1 <= page <= len(line.document.sections):
        raise NotFoundError(N_("Bộ câu hỏi không có trang này."))
    names = {
        unit.code: {"vi": unit.name, "en": unit.name_en} for unit in queries.sample_units(session())
    }
    units = names or {"mau": {"vi": gettext(N_("Đơn vị ví dụ"))}}
    shown = page_of(line.document, page, units, locale(), today=local_date(now()))
    return render_template("design/preview.html", line=line, number=page, page=shown)


def questionnaires_page(form: QuestionnaireForm, problems: tuple[Problem, ...] = ()) -> str:
    """Return the list of questionnaires with the form below it."""
    lines = queries.questionnaire_lines(session())
    return render_template(
        "design/questionnaires.html",
        form=form,
        problems=problems,
        lines=lines,
        in_language=in_language,
    )
