"""Pages of the fieldwork room."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.clock import now
from survey.definition import read_json
from survey.errors import N_, ConflictError, InvalidError, Problem
from survey.fieldwork import codefile, importing, queries, services, words
from survey.fieldwork.forms import CodesForm, ConfirmForm, DefinitionForm, ResponsesForm
from survey.model.account import Role
from survey.model.campaign import Anonymity, Campaign, Sampling
from survey.web.auth import actor, allow, takes_files
from survey.web.context import session, settings
from survey.web.i18n import error_text, gettext

blueprint = Blueprint("fieldwork", __name__, url_prefix="/staff/fieldwork")

MADE = N_("Đã tạo đợt điều tra. Hãy xem lại thiết kế rồi phát động.")
IMPORTED = N_("Đã nhập %(ballots)s phiếu từ %(rows)s dòng.")


@blueprint.get("/")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def campaigns() -> ResponseReturnValue:
    """List the campaigns."""
    at = now()
    lines = [(c, queries.state_of(c, at)) for c in queries.campaigns(session())]
    return render_template("fieldwork/campaigns.html", lines=lines, words=words)


@blueprint.route("/campaigns/new", methods=["GET", "POST"])
@allow(Role.SURVEY_MANAGER)
@takes_files
def new_campaign() -> ResponseReturnValue:
    """Take the file that describes a campaign."""
    form = DefinitionForm()
    problems: tuple[Problem, ...] = ()
    if form.validate_on_submit():
        try:
            raw = read_json(form.file.data.read())
            made = services.create_campaign(session(), raw, actor=actor().login, at=now())
        except InvalidError as error:
            problems = error.problems
        else:
            flash(
                gettext(N_("Đã tạo đợt điều tra. Hãy xem lại thiết kế rồi phát động.")), "success"
            )
            return redirect(url_for(".campaign", code=made.code), code=303)
    page = render_template("fieldwork/new.html", form=form, problems=problems)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/campaigns/<code>")
@allow(Role.SURVEY_MANAGER, Role.ANALYST)
def campaign(code: str) -> ResponseReturnValue:
    """Show a campaign: its state, its design, how far it is."""
    db, found = session(), queries.campaign_by_code(session(), code)
    return render_template(
        "fieldwork/campaign.html",
        campaign=found,
        state=queries.state_of(found, now()),
        words=words,
        matrix=queries.matrix(db, found),
        feeds=queries.feeds(db, found),
        progress=queries.progress(db, found),
        small=queries.small_strata(db, found),
        received=queries.received(db, found),
        flagged=queries.flagged(db, found),
        codes=queries.codes_issued(db, found),
        has_run=queries.has_run(db, found),
        door=f"{request.url_root.rstrip('/')}/q/{found.code}",
        may_change=Role.SURVEY_MANAGER in actor().roles,
        generated_data=found.is_generated,
    )


@blueprint.route("/campaigns/<code>/launch", methods=["GET", "POST"])
@allow(Role.SURVEY_MANAGER)
def launch(code: str) -> ResponseReturnValue:
    """Ask whether a campaign is to be launched, and launch it."""
    found, form = queries.campaign_by_code(session(), code), ConfirmForm()
    if form.validate_on_submit():
        services.launch(session(), settings(), found, actor=actor().login, at=now())
        flash(gettext(N_("Đã phát động. Chế độ ẩn danh và thiết kế từ nay cố định.")), "success")
        return redirect(url_for(".campaign", code=code), code=303)
    try:
        services.make_sure_of_launch(found)
    except ConflictError as error:
        return back_with(error, found)
    return confirm_page("fieldwork/launch.html", found)


@blueprint.route("/campaigns/<code>/close", methods=["GET", "POST"])
@allow(Role.SURVEY_MANAGER)
def close(code: str) -> ResponseReturnValue:
    """Ask whether a campaign is to be closed now, and close it."""
    found, form = queries.campaign_by_code(session(), code), ConfirmForm()
    if form.validate_on_submit():
        services.close(session(), found, actor=actor().login, at=now())
        flash(gettext(N_("Đã đóng. Từ nay không nhận thêm phiếu qua mạng.")), "success")
        return redirect(url_for(".campaign", code=code), code=303)
    try:
        services.make_sure_of_closing(found, now())
    except ConflictError as error:
        return back_with(error, found)
    return confirm_page("fieldwork/close.html", found)


def back_with(error: ConflictError, found: Campaign) -> ResponseReturnValue:
    """Return to a campaign, saying why a step is not possible there."""
    flash(error_text(error), "caution")
    return redirect(url_for(".campaign", code=found.code), code=303)


def confirm_page(template: str, found: Campaign) -> str:
    """Return the page that says what a step does before it is taken."""
    return render_template(
        template,
        campaign=found,
        is_over=found.closes_at <= now(),
        words=words,
        small=queries.small_strata(session(), found),
        generated_data=found.is_generated,
    )


@blueprint.route("/campaigns/<code>/codes", methods=["GET", "POST"])
@allow(Role.SURVEY_MANAGER)
def codes(code: str) -> ResponseReturnValue:
    """Make the codes of a campaign and send the list, this once."""
    found, form = queries.campaign_by_code(session(), code), CodesForm()
    if form.validate_on_submit():
        try:
            return code_list(found, form)
        except InvalidError as error:
            form.refuse_each(error)
    page = render_template(
        "fieldwork/codes.html",
        campaign=found,
        form=form,
        state=queries.state_of(found, now()),
        issued=queries.codes_issued(session(), found),
        by_code=found.anonymity == Anonymity.CODE,
        clustered=any(g.sampling == Sampling.CLUSTER for g in queries.groups(session(), found)),
        generated_data=found.is_generated,
    )
    return page, 422 if form.is_submitted() else 200


def code_list(found: Campaign, form: CodesForm) -> Response:
    """Return the file of new codes; nothing of it is kept."""
    name, kind = found.code, form.kind.data
    issued = services.issue_codes(
        session(),
        settings(),
        found,
        actor=actor().login,
        at=now(),
        length=int(form.length.data),
        per_cluster=form.per_cluster.data,
    )
    lines = codefile.rows(issued, base=request.url_root, campaign=name, say=gettext)
    content = codefile.WRITERS[kind](lines)
    headers = {"Content-Disposition": f'attachment; filename="codes-{name}.{kind}"'}
    return Response(content, content_type=codefile.TYPES[kind], headers=headers)


@blueprint.route("/campaigns/<code>/responses", methods=["GET", "POST"])
@allow(Role.SURVEY_MANAGER)
@takes_files
def responses(code: str) -> ResponseReturnValue:
    """Take a file of answers that were collected elsewhere."""
    found, form = queries.campaign_by_code(session(), code), ResponsesForm()
    problems: tuple[Problem, ...] = ()
    if form.validate_on_submit():
        try:
            done = take_responses(found, form)
        except InvalidError as error:
            problems = error.problems
        except ConflictError as error:
            form.refuse(error, form.file)
        else:
            flash(gettext(IMPORTED, ballots=done.ballots, rows=done.rows), "success")
            for message, values in words.remarks(done):
                flash(gettext(message, **values), "caution")
            return redirect(url_for(".campaign", code=code), code=303)
    page = render_template(
        "fieldwork/responses.html", campaign=found, form=form, problems=problems,
        generated_data=found.is_generated,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def take_responses(found: Campaign, form: ResponsesForm) -> importing.ImportReport:
    """Import the posted file by the posted mapping."""
    file, mapping = form.file.data, read_json(form.mapping.data.read())
    name, data = file.filename or "", file.read()
    return importing.import_responses(
        session(), found, name, data, mapping, actor=actor().login, at=now()
    )
