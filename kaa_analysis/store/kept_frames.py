"""Frames that were worked out of a register, kept beside it so that they need not be worked out again. They are never trusted unseen.

What is kept is found by all that decides it (code, question, the register's own files) and opened only if every byte has its hash. Whatever is
missing, half-written, damaged or of other code is worked out anew. Files get their places in one step each, the description last: two
processes that keep the same at once both leave it whole.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from kaa_analysis.core.provenance import canonical_json, hash_bytes, hash_file, hash_value
from kaa_analysis.core.secure_folder import PRIVATE, write_atomically
from kaa_analysis.store.engine import register_engine
from kaa_analysis.store.queries import copy_frame, read_frame

KEPT = "kept"
DESCRIPTION = "kept.json"
NAME_DIGITS = 12
TEXTS = frozenset({"object", "str", "string"})

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Question:
    """What is asked: ``name`` of the answer, hash of the ``code`` that answers, and everything else that decides it, as JSON values."""

    name: str
    code: str
    about: Mapping[str, Any]

    def place(self, folder: Path) -> Path:
        """Return where the answer is kept beside the register in ``folder``."""
        return folder / KEPT / f"{self.name}-{self.code[:NAME_DIGITS]}" / hash_value(self.about)[:NAME_DIGITS]

    def record(self) -> dict[str, Any]:
        """Return the question as plain JSON values."""
        return json.loads(canonical_json({"name": self.name, "code": self.code, "about": self.about}))


def kept_frames(folder: Path, question: Question, *, find: Callable[[], Frames]) -> Frames:
    """Return the frames kept for ``question`` beside the register in ``folder``, else those found, which are kept for the next time.

    Frames are numbered from 0 and hold whole numbers, truth values, days and texts of few different values (codes, never a person's
    value). What cannot be written (no room, no right) is not kept.
    """
    place = question.place(folder)
    kept = _read(place, question)
    if kept is not None:
        return kept
    found = find()
    try:
        _sweep(place.parent, name=question.name)
        _write(found, place, question)
    except (OSError, duckdb.Error):
        pass
    return found


def _read(place: Path, question: Question) -> Frames | None:
    try:
        description = json.loads((place / DESCRIPTION).read_bytes())
        frames, told = description["frames"], description.pop("hash")
        if hash_value(description) != told or description["question"] != question.record():
            return None
        if any(hash_file(place / frame["file"]) != frame["hash"] for frame in frames.values()):
            return None
        with register_engine(place) as engine:
            return {
                name: _read_frame(place / frame["file"], frame["columns"], engine) for name, frame in frames.items()
            }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, duckdb.Error):
        return None


def _read_frame(file: Path, columns: Sequence[Mapping[str, Any]], engine: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    rows = engine.execute(read_frame([told["name"] for told in columns], file=str(file))).df()
    return pd.DataFrame({told["name"]: _restored(rows[told["name"]], told["dtype"], told["texts"]) for told in columns})


def _restored(values: pd.Series, dtype: str, texts: list[str] | None) -> pd.Series:
    if texts is None:
        return values.astype(dtype)
    different = pd.array(np.array([*texts, np.nan], dtype=object), dtype=dtype)
    return pd.Series(different.take(values.to_numpy()), dtype=dtype)


def _write(frames: Frames, place: Path, question: Question) -> None:
    for folder in (*reversed(place.parents[:2]), place):
        folder.mkdir(exist_ok=True, mode=PRIVATE)
    described = {}
    with tempfile.TemporaryDirectory(dir=place, prefix=".") as unfinished, register_engine(place) as engine:
        for name, rows in frames.items():
            file = Path(unfinished) / f"{name}.parquet"
            columns = _write_frame(rows, file, engine)
            content = file.read_bytes()
            told = hash_bytes(content)
            final = place / f"{name}-{told[:NAME_DIGITS]}.parquet"
            write_atomically(final, content)
            described[name] = {"file": final.name, "hash": told, "columns": columns}
    description = {"question": question.record(), "frames": described}
    write_atomically(place / DESCRIPTION, canonical_json(description | {"hash": hash_value(description)}))


def _write_frame(rows: pd.DataFrame, file: Path, engine: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Write the rows, texts as places in a list of their own, and return what gives each column back, in order."""
    columns, plain = [], {}
    for name, column in rows.items():
        texts = None
        if str(column.dtype) in TEXTS:
            codes, different = pd.factorize(column)
            column, texts = pd.Series(np.where(codes < 0, len(different), codes), dtype="int32"), list(different)
        plain[name] = column
        columns.append({"name": name, "dtype": str(rows[name].dtype), "texts": texts})
    engine.register("rows_to_keep", pd.DataFrame(plain))
    engine.execute(copy_frame(plain, rows="rows_to_keep", file=str(file)))
    engine.unregister("rows_to_keep")
    return columns


def _sweep(folder: Path, *, name: str) -> None:
    """Remove what other code has kept under ``name``: it is never opened again."""
    for other in folder.parent.glob(f"{name}-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
