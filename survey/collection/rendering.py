"""The pages that respondents see, each from a form as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request

from survey.ballotbox import codes
from survey.clock import local_date
from survey.collection import pages, queries, services
from survey.collection.queries import Form
from survey.collection.visiting import page_url, path_of, url_of
from survey.errors import AnswerError, Problem
from survey.model.campaign import Campaign
from survey.questionnaire import canonical
from survey.questionnaire.checks import Warned
from survey.questionnaire.document import in_language
from survey.questionnaire.interview import Page
from survey.questionnaire.progress import progress
from survey.web.context import session, settings
from survey.web.i18n import locale
from survey.web.questions import drawn


def door_page(campaign: Campaign, error: str | None = None, status: int = 200) -> tuple[str, int]:
    """Return the door of a campaign."""
    choices = queries.door_choices(session(), campaign)
    return render_template(
        "collection/entrance.html",
        campaign=campaign,
        choices=choices,
        error=error,
        typed=canonical.storable(request.form.get("code", "")[:40]),
        language=locale(),
        generated_data=campaign.is_generated,
    ), status


def intro_page(form: Form) -> str:
    """Return the page that says what a form is about."""
    first = form.shape.pages[0].id if form.shape.pages else None
    return render_template(
        "collection/intro.html",
        names=[
            in_language(form.standing.unit_names[unit], locale()) for unit in form.standing.units
        ],
        first_url=page_url(form, first),
        count=len(form.shape.pages),
        has_answers=bool(form.visit.answers),
        **_shared(form),
    )


def _shared(form: Form) -> dict[str, object]:
    """Return what every page of a form shows or carries."""
    return {
        "form": form,
        "form_url": path_of(form.campaign.code, form.visit.form_id),
        "alive_url": url_of(form, "alive"),
        "language": pages.content_language(form, locale()),
        "idle_minutes": settings().idle_minutes,
        "resume_code": codes.grouped(form.visit.resume_code) if form.visit.resume_code else None,
        "until": min(form.visit.expires_on, local_date(form.campaign.closes_at)),
        "generated_data": form.campaign.is_generated,
        "state": {"visit": form.visit.token, "language": locale()},
    }


def question_page(
    form: Form,
    found: Page,
    problems: Sequence[Problem] = (),
    warnings: Sequence[Warned] = (),
    **more: object,
) -> str:
    """Return a page of questions, with what is wrong with the answers."""
    context = _shared(form)
    language = str(context["language"])
    shown = pages.shown_page(form, found, language, problems)
    revision = form.visit.revisions.get(found.id, 0)
    context["state"] = {"visit": form.visit.token, "language": locale(), "revision": revision}
    return render_template(
        "collection/page.html",
        page=shown,
        action=page_url(form, found.id),
        progress=progress(form.interview, found.id),
        problems=pages.linked(form, shown, problems),
        warnings=pages.warned(form, warnings),
        language_form="answers",
        drawn=drawn,
        **({"stale": [], "newly_asked": False} | more),
        **context,
    )


def check_page(form: Form, status: int = 200) -> tuple[str, int]:
    """Return the page with every answer, and what is wrong with them."""
    problems: Sequence[Problem] = ()
    content_hash = ""
    try:
        content_hash = canonical.digest(services.content_of(form))
    except AnswerError as error:
        problems = error.problems
    context = _shared(form)
    context["state"] = {
        "visit": form.visit.token,
        "language": locale(),
        "ballot": form.visit.ballot_id.hex(),
        "content": content_hash,
    }
    return render_template(
        "collection/check.html",
        summaries=pages.summaries(form, str(context["language"])),
        problems=problems,
        page_of=lambda problem: pages.page_of(form, problem),
        field_of=lambda problem: pages.field_of(form, problem.place),
        last_page=form.interview.pages[-1].id if form.interview.pages else None,
        first_page=form.interview.pages[0].id if form.interview.pages else None,
        content_hash=content_hash,
        **context,
    ), status


def receipt_page(campaign: str, reference: str) -> str:
    """Return the page that shows a receipt."""
    found = queries.campaign_by_code(session(), campaign)
    return render_template(
        "collection/receipt.html",
        campaign=found,
        reference=reference,
        generated_data=found.is_generated,
    )
