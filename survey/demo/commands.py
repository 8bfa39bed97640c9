"""The command `xhh demo`."""

from __future__ import annotations

import click

from survey.ballotbox.codes import grouped
from survey.console import ACTOR, language, now, opened, say
from survey.demo import queries
from survey.demo.build import Demonstration, build
from survey.errors import N_, ConfigurationError, ConflictError
from survey.migrations import runner
from survey.model.account import Role
from survey.web.i18n import translate

RULE = "=" * 72
ROLES = {
    Role.ADMINISTRATOR: N_("quản trị viên"),
    Role.SURVEY_MANAGER: N_("quản lý điều tra"),
    Role.ANALYST: N_("phân tích"),
}
ACCOUNT = N_("%(login)s, mật khẩu dùng một lần: %(password)s (%(role)s)")


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database is in use.")
@click.option("--address", default="http://127.0.0.1:8000", help="Where the pages will be served.")
def demo(*, if_empty: bool, address: str) -> None:
    """Load the demonstration ministry into an empty database."""
    with opened() as (database, session):
        if runner.current(database) != runner.head():
            raise ConfigurationError(
                N_("Cơ sở dữ liệu chưa đúng phiên bản. Hãy chạy: xhh db upgrade")
            )
        if queries.is_empty(session):
            session.rollback()
            say(N_("Đang nạp dữ liệu trình diễn, mất khoảng nửa phút ..."))
            show(build(session, database.settings, actor=ACTOR, at=now()), address.rstrip("/"))
        elif if_empty:
            say(N_("Cơ sở dữ liệu đã có nội dung, không nạp dữ liệu trình diễn."))
        else:
            raise ConflictError(
                N_(
                    "Cơ sở dữ liệu đã có nội dung nên không nạp dữ liệu trình diễn."
                    " Hãy dùng một thư mục instance trống."
                )
            )


def show(made: Demonstration, address: str) -> None:
    """Print the way in, once: passwords and codes are stored nowhere."""
    click.echo(RULE)
    say(N_("Số liệu mô phỏng đã sẵn sàng. Hãy chép lại: phần dưới chỉ hiện một lần."))
    click.echo()
    say(N_("Tài khoản cán bộ, đăng nhập tại %(url)s"), url=f"{address}/staff/")
    for door in made.accounts:
        role = translate(ROLES[door.role], language())
        _indented(ACCOUNT, login=door.login, password=door.password, role=role)
    click.echo()
    say(N_("Phiếu để trả lời thử: %(url)s"), url=f"{address}/q/{made.trial}")
    for group, codes in made.samples.items():
        _indented(N_("Mã cho nhóm “%(group)s”:"), group=group)
        click.echo("    " + "   ".join(map(grouped, codes)))
    click.echo(RULE)


def _indented(text: str, **values: object) -> None:
    click.echo("  " + translate(text, language(), values))
