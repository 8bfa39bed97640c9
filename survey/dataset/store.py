"""Datasets on disk: one Parquet file each, named by the hash of its content."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from survey.config import Settings
from survey.dataset.record import BALLOT, DESIGN_COLUMNS, LABELS, Dataset, GroupData
from survey.errors import N_, ConflictError, NotFoundError
from survey.questionnaire import canonical

GROUP = "_group"
ABOUT = b"xhh"
LABEL_TYPE = pa.dictionary(pa.int32(), pa.string())


def path_of(settings: Settings, hash_: str) -> Path:
    """Return where the dataset with a hash lies."""
    return settings.instance / "datasets" / f"{hash_}.parquet"


def save(settings: Settings, dataset: Dataset) -> Path:
    """Store a dataset under its hash; the same content is the same file."""
    path = path_of(settings, dataset.hash)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    being_written = path.with_name(f".{uuid.uuid4().hex}")
    try:
        with being_written.open("wb") as file:
            pq.write_table(_table(dataset), file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        being_written.chmod(0o600)
        being_written.replace(path)
    finally:
        being_written.unlink(missing_ok=True)
    return path


def load(settings: Settings, hash_: str) -> Dataset:
    """Return a stored dataset; one whose content no longer has its hash is refused."""
    path = path_of(settings, hash_)
    if not path.exists():
        raise NotFoundError(N_("Không còn tệp dữ liệu %(hash)s của lần tính này."), hash=hash_)
    try:
        dataset = _read(path)
        intact = dataset.hash == hash_
    except (pa.ArrowException, OSError, KeyError, ValueError):
        intact = False
    if not intact:
        raise ConflictError(
            N_("Tệp dữ liệu %(hash)s đã bị thay đổi hoặc hỏng; hãy khôi phục từ bản sao lưu."),
            hash=hash_,
        )
    return dataset


def _table(dataset: Dataset) -> pa.Table:
    items = list(dict.fromkeys(item for group in dataset.groups for item in group.items))
    fields = [
        pa.field(GROUP, LABEL_TYPE),
        pa.field(BALLOT, pa.int64()),
        *(pa.field(label, LABEL_TYPE) for label in LABELS),
        *(pa.field(item, pa.uint8()) for item in items),  # null: the group was not asked
    ]
    metadata = {ABOUT: canonical.dumps(dataset.about).encode("utf-8")}
    schema = pa.schema(fields, metadata=metadata)
    return pa.concat_tables([_part(group, schema) for group in dataset.groups])


def _part(group: GroupData, schema: pa.Schema) -> pa.Table:
    size = len(group.rows)
    arrays = []
    for field in schema:
        if field.name == GROUP:
            values = pa.array([group.code] * size, pa.string()).cast(LABEL_TYPE)
        elif field.name in group.rows:
            values = pa.array(group.rows[field.name], from_pandas=True).cast(field.type)
        else:
            values = pa.nulls(size, field.type)
        arrays.append(values)
    return pa.Table.from_arrays(arrays, schema=schema)


def _read(path: Path) -> Dataset:
    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[ABOUT].decode("utf-8"))
    codes = table[GROUP].cast(pa.string()).to_numpy(zero_copy_only=False)
    groups = tuple(
        GroupData(part, _rows(table.filter(pa.array(codes == part["code"])), part))
        for part in about["groups"]
    )
    return Dataset(about["campaign"], about["is_generated"], groups)


def _rows(table: pa.Table, part: dict[str, Any]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in DESIGN_COLUMNS:
        column = table[name].cast(pa.string()) if name in LABELS else table[name]
        dtype = object if name in LABELS else None
        columns[name] = pd.Series(column.to_numpy(zero_copy_only=False), dtype=dtype)
    for item in part["items"]:
        values = table[item["code"]].to_numpy(zero_copy_only=False)
        columns[item["code"]] = np.asarray(values, dtype=np.uint8)
    return pd.DataFrame(columns)
