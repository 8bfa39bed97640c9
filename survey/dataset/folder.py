"""The answers of a campaign as a new folder: a folder a group, Parquet files, one codebook."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from survey.dataset.answers import CampaignAnswers
from survey.errors import N_, ConflictError

CODEBOOK = "codebook.json"


def write(folder: Path, answers: CampaignAnswers) -> None:
    """Write everything into a folder that was not there; a failure leaves none.

    Its owner alone may read it. Raises `ConflictError` where there is something already.
    """
    if folder.exists():
        raise ConflictError(N_("“%(name)s” đã có. Hãy chọn một thư mục mới."), name=str(folder))
    with _in_the_making(folder) as being_written:
        for code, tables in answers.tables.items():
            (being_written / code).mkdir()
            for name, table in tables.items():
                path = being_written / code / f"{name}.parquet"
                pq.write_table(table, path, compression="zstd")
                path.chmod(0o600)
        codebook = being_written / CODEBOOK
        codebook.write_text(json.dumps(answers.codebook, ensure_ascii=False, indent=1), "utf-8")
        codebook.chmod(0o600)


@contextmanager
def _in_the_making(folder: Path) -> Iterator[Path]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    being_written = folder.with_name(f".{uuid.uuid4().hex}")
    being_written.mkdir(mode=0o700)
    try:
        yield being_written
        being_written.rename(folder)
    finally:
        shutil.rmtree(being_written, ignore_errors=True)
