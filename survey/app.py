"""The application factory: the only module that knows every other."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from survey import clock
from survey.administration.services import FIRST_LOGIN, ensure_administrator
from survey.administration.views import blueprint as administration
from survey.collection.views import blueprint as collection
from survey.config import Settings, load_settings
from survey.console import say
from survey.db import Database
from survey.design.views import blueprint as design
from survey.errors import N_, ConfigurationError
from survey.fieldwork.views import blueprint as fieldwork
from survey.migrations import runner
from survey.results.views import blueprint as results
from survey.scoring.views import blueprint as scoring
from survey.web import assets, auth, context, errors, i18n, navigation, paths, security


def create_app(settings: Settings | None = None, *, serving: bool = False) -> Flask:
    """Return the application; `serving` also makes sure that it may take ballots here."""
    settings = settings or load_settings()
    app = Flask(
        "survey",
        template_folder=str(paths.templates()),
        static_folder=str(assets.STATIC),
        instance_path=str(settings.instance.absolute()),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["xhh"] = Database(settings)
    if serving:
        _prepare(app.extensions["xhh"])
    i18n.init_app(app)
    auth.init_limits(app)  # before the CSRF check, which reads the body
    security.init_app(app, settings)
    for part in (context, assets, auth, navigation, errors):
        part.init_app(app)
    app.context_processor(
        lambda: {
            "site_name": i18n.chosen(vi=settings.site_name, en=settings.site_name_en),
            "generated_data": False,
        }
    )
    for blueprint in (collection, administration, design, fieldwork, scoring, results):
        app.register_blueprint(blueprint)
    return app


def _prepare(database: Database) -> None:
    try:
        _make_sure(database)
    except BaseException:
        database.dispose()
        raise


def _make_sure(database: Database) -> None:
    database.lock_single_process()
    database.check_durability()
    if runner.current(database) != runner.head():
        raise ConfigurationError(N_("Cơ sở dữ liệu chưa đúng phiên bản. Hãy chạy: xhh db upgrade"))
    with database.session() as session:
        password = ensure_administrator(session, at=clock.now())
    if password is not None:
        say(
            N_(
                "Tài khoản quản trị đầu tiên: %(login)s, mật khẩu dùng một lần: %(password)s"
                " (chỉ hiện lần này)."
            ),
            err=True,
            login=FIRST_LOGIN,
            password=password,
        )
