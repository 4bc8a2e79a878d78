"""Scoring an invented register: ingest, checks and the list of errors brought together."""

from __future__ import annotations

import shutil
from functools import partial

from kaa_analysis import checks
from kaa_analysis.cli.stages import tell
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest import open_extract, read_register
from kaa_analysis.ingest.identity import pseudonym
from kaa_analysis.ingest.register_reader import register_folder

ANY_NUMBER = 2**31


def score_extract(name: str, *, secure: SecureFolder) -> checks.Score:
    """Read the extract called ``name`` anew, whatever rows have to be set aside, make the checks and compare them with the known errors.

    Raises:
        ExtractError: nothing is known of errors in the extract, or the extract cannot be read.
    """
    extract = open_extract(name, secure=secure)
    pseudonym_of = partial(pseudonym, key=secure.pseudonym_key(), source="")
    errors = checks.known_errors(name, secure=secure, pseudonym_of=pseudonym_of)
    # Read anew: the problem files may be those of an earlier register of the same name.
    shutil.rmtree(register_folder(extract, secure=secure), ignore_errors=True)
    register = read_register(name, accept_problem_rows=ANY_NUMBER, secure=secure, progress=tell)
    n_rows = register.accepted_problem_rows
    set_aside = checks.set_aside_rows(name, n_rows=n_rows, secure=secure, pseudonym_of=pseudonym_of)
    return checks.score(checks.run_checks(register), errors=errors, set_aside=set_aside)
