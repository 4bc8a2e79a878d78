"""Whether the register of an extract is there already, told before it is read."""

from __future__ import annotations

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest.extract import open_extract
from kaa_analysis.ingest.register_reader import register_folder
from kaa_analysis.store.register import open_register


def has_register(name: str, *, secure: SecureFolder) -> bool:
    """Return whether a register was read of the extract with the same everything, whole or not.

    Raises:
        ExtractError: there is no such extract.
    """
    return register_folder(open_extract(name, secure=secure), secure=secure).exists()


def register_problems(name: str, *, accept_problem_rows: int, secure: SecureFolder) -> list[str]:
    """Return why a register that is there cannot be used, in Swedish; nothing if it can.

    Raises:
        ExtractError: there is no such extract.
    """
    try:
        register = open_register(register_folder(open_extract(name, secure=secure), secure=secure))
    except ExtractError as error:
        return [f"det inlästa registret är skadat: {problem}" for problem in error.found]
    too_many = register.accepted_problem_rows > accept_problem_rows
    return ["det inlästa registret har fler problemrader än parametrarna godtar"] * too_many
