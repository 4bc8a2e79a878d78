"""A private folder for one run inside the secure folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kaa_analysis.core.locks import held, is_free
from kaa_analysis.core.secure_folder import PRIVATE, SecureFolder

RUN_LOCK = ".lock"


@contextmanager
def run_folder(name: str, *, secure: SecureFolder, keeps_failed: bool) -> Iterator[Path]:
    """Give a fresh private folder for one run of ``name``; those that earlier runs of it left are gone, unless one still goes on.

    It is removed when all went well. One that failed is kept in the room until the same is run again if ``keeps_failed``.
    """
    secure.runs.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    with ExitStack() as kept:
        with held(secure.locks / "runs.lock"):
            for earlier in secure.runs.glob(f"{name}-*"):
                if is_free(earlier / RUN_LOCK):
                    shutil.rmtree(earlier, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=secure.runs))
            kept.enter_context(held(folder / RUN_LOCK))
        try:
            yield folder
        except BaseException:
            if not keeps_failed:
                shutil.rmtree(folder, ignore_errors=True)
            raise
    shutil.rmtree(folder, ignore_errors=True)
