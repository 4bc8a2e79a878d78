"""The family of errors: one exit code per kind; every message says what was expected, what was found and what to do.

No message ever carries a person's value: *found* holds counts, names of columns and files, and codes of the layout.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KaaError(Exception):
    """An error that is told to the user in full. Its texts are Swedish and safe to show outside the secure folder."""

    exit_code = 1
    kind = "Fel"

    def __init__(self, expected: str, *, found: str | Iterable[str] = (), action: str = "") -> None:
        self.expected = expected
        self.found = (found,) if isinstance(found, str) else tuple(found)
        self.action = action
        super().__init__(self.message())

    def message(self) -> str:
        """Return the whole message: expected, found (a line per problem), what to do."""
        lines = [self.expected, *(f"  – {line}" for line in self.found)]
        if self.action:
            lines.append(f"Gör så här: {self.action}")
        return "\n".join(lines)


class UsageError(KaaError):
    """The command's words are off."""

    exit_code = 2
    kind = "Fel i kommandot"


class ParameterError(KaaError):
    """A parameter file or a policy holds what it may not hold."""

    exit_code = 3
    kind = "Fel i parametrarna"


class ExtractError(KaaError):
    """The delivered files are not what the layout says."""

    exit_code = 4
    kind = "Fel i uttaget"


class DefinitionError(KaaError):
    """A population, period or estimand was asked for that the register cannot carry."""

    exit_code = 5
    kind = "Fel i definitionen"


class DisclosureError(KaaError):
    """Something could point at a person, or nobody can prove that it could not: nothing is released."""

    exit_code = 6
    kind = "Röjandekontrollen stoppade"


class NotebookError(KaaError):
    """A notebook failed or showed what it may not show."""

    exit_code = 7
    kind = "Fel i anteckningsboken"


class BundleError(KaaError):
    """The finished report could not be put together or put in place."""

    exit_code = 8
    kind = "Fel i rapportpaketet"


class SecureFolderError(KaaError):
    """The secure folder is missing, open to others, or not writable."""

    exit_code = 9
    kind = "Fel i den säkra mappen"


class ProtocolError(KaaError):
    """The protocol of an evaluation is not frozen, or is another than the one that was."""

    exit_code = 10
    kind = "Fel i protokollet"


class UnexpectedError(KaaError):
    """A foreign error whose own text was kept inside the secure folder."""

    exit_code = 70
    kind = "Oväntat fel"


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return a Swedish hint that names the nearest option, or the empty string.

    >>> did_you_mean("yaer", ["year", "extract"])
    ' (menade du "year"?)'
    """
    nearest = difflib.get_close_matches(str(word), [str(option) for option in options], n=1)
    return f' (menade du "{nearest[0]}"?)' if nearest else ""
