"""Commands of the fieldwork room."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from survey.ballotbox.codes import LINK_LENGTH, TYPED_LENGTH
from survey.console import ACTOR, language, now, opened, say
from survey.definition import read_json
from survey.errors import N_
from survey.fieldwork import codefile, exporting, importing, queries, services
from survey.fieldwork.words import remarks
from survey.web.i18n import translate

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def campaign() -> None:
    """Make, launch and close campaigns."""


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that its owner alone reads and that was not there; a failure leaves none."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.BadParameter(error.strerror or str(error), param_hint="--out") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
    except BaseException:
        path.unlink()
        raise


@campaign.command("create")
@click.argument("file", type=FILE)
def create(file: Path) -> None:
    """Store the campaign that a JSON FILE describes."""
    raw = read_json(file.read_bytes())
    with opened() as (_database, session):
        code = services.create_campaign(session, raw, actor=ACTOR, at=now()).code
    say(N_("Đã tạo đợt điều tra %(code)s."), code=code)


@campaign.command("launch")
@click.argument("code")
def launch(code: str) -> None:
    """Launch the campaign CODE: its anonymity and design are fixed from then on."""
    with opened() as (database, session):
        found = queries.campaign_by_code(session, code)
        services.launch(session, database.settings, found, actor=ACTOR, at=now())
    say(N_("Đã phát động đợt điều tra %(code)s."), code=code)


@campaign.command("close")
@click.argument("code")
def close(code: str) -> None:
    """Close the campaign CODE now."""
    with opened() as (_database, session):
        services.close(session, queries.campaign_by_code(session, code), actor=ACTOR, at=now())
    say(N_("Đã đóng đợt điều tra %(code)s."), code=code)


@campaign.command("codes")
@click.argument("code")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new .csv or .xlsx.")
@click.option("--base", default="http://127.0.0.1:8000", help="Address of the platform in links.")
@click.option("--long", "is_long", is_flag=True, help="Codes of 26 characters, for links.")
@click.option("--per-cluster", type=int, help="Codes for each cluster of a cluster sample.")
def make_codes(code: str, out: Path, base: str, is_long: bool, per_cluster: int | None) -> None:
    """Make the codes of the campaign CODE, this once, and write them into a new file."""
    kind = out.suffix.removeprefix(".").lower()
    if kind not in codefile.WRITERS:
        raise click.BadParameter("the file must end in .csv or .xlsx", param_hint="--out")
    length = LINK_LENGTH if is_long else TYPED_LENGTH
    # The file is there before the codes are: they can't be made a second time.
    with new_file(out) as file, opened() as (database, session):
        found = queries.campaign_by_code(session, code)
        issued = services.issue_codes(
            session, database.settings, found,
            actor=ACTOR, at=now(), length=length, per_cluster=per_cluster,
        )  # fmt: skip
        lines = codefile.rows(
            issued, base=base, campaign=code, say=lambda text: translate(text, language())
        )
        file.write(codefile.WRITERS[kind](lines))
    say(N_("Đã ghi %(count)s mã vào %(name)s. Hãy giao tệp rồi xóa."), count=len(issued), name=out)


@campaign.command("answers")
@click.argument("code", metavar="CAMPAIGN")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A new folder for Parquet files and codebook.json.",
)
def answers(code: str, out: Path) -> None:
    """Write every answer of the closed CAMPAIGN into a new folder, free texts apart."""
    with opened() as (_database, session):
        found = queries.campaign_by_code(session, code)
        count = exporting.export_answers(session, found, out, actor=ACTOR, at=now())
    say(N_("Đã ghi câu trả lời của %(count)s phiếu vào %(name)s."), count=count, name=out)


@click.command("responses")
@click.argument("file", type=FILE)
@click.option("--campaign", "code", required=True, help="Code of the campaign.")
@click.option("--mapping", type=FILE, required=True, help="JSON file that names the columns.")
def responses(file: Path, code: str, mapping: Path) -> None:
    """Put the answers of a CSV or XLSX FILE into the ballot box, all of them or none."""
    columns = read_json(mapping.read_bytes())
    with opened() as (_database, session):
        found = queries.campaign_by_code(session, code)
        done = importing.import_responses(
            session, found, file.name, file.read_bytes(), columns, actor=ACTOR, at=now()
        )
    say(N_("Đã nhập %(ballots)s phiếu từ %(rows)s dòng."), ballots=done.ballots, rows=done.rows)
    for message, values in remarks(done):
        click.echo(translate(message, language(), values))


@click.command("simulate")
@click.argument("code", metavar="CAMPAIGN")
@click.option("--model", type=FILE, help="JSON file of what is believed of units and people.")
@click.option("--replications", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--change", type=float, help="A true change to be found, in points of 100.")
@click.option("--per-cluster", type=click.IntRange(1), help="People asked in each cluster.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of tables.")
def simulate(
    code: str,
    model: Path | None,
    replications: int,
    seed: int,
    change: float | None,
    per_cluster: int | None,
    *,
    as_json: bool,
) -> None:
    """Foretell what CAMPAIGN can tell: synthetic people answer its forms; nothing is stored."""
    # Imported late: they load the numeric libraries, and other commands start at once.
    from survey.fieldwork import forecasts, simulation

    believed = simulation.read_model(read_json(model.read_bytes()) if model else {})
    with opened() as (database, _writing), database.reading_session() as session:
        found = queries.campaign_by_code(session, code)
        say(N_("Đang mô phỏng %(count)s lượt ..."), err=True, count=replications)
        expected = simulation.simulate(
            session, found, believed, replications=replications, seed=seed,
            change=change, per_cluster=per_cluster,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(forecasts.document(code, expected), ensure_ascii=False, indent=2))
        return
    for line in forecasts.lines(expected, language()):
        click.echo(line)
