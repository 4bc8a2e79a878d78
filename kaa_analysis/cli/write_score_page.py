"""Write ``docs/poang.md``: ``python -m kaa_analysis.cli.write_score_page clean typical awful`` scores those extracts.

They must have been made with ``kaa synth`` before.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from kaa_analysis import checks
from kaa_analysis.cli.scoring import score_extract
from kaa_analysis.cli.stages import tell
from kaa_analysis.core.errors import KaaError, UsageError
from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import secure_folder, write_atomically


def write_score_page(names: Sequence[str]) -> None:
    """Score the extracts called ``names`` and write the page in the project that the working directory lies in.

    Raises:
        UsageError: no extract was named.
        ExtractError: one of them is none, or nothing is known of its errors.
    """
    if not names:
        raise UsageError("Minst ett påhittat uttag ska anges.", action="ange till exempel clean typical awful")
    secure = secure_folder()
    scores = [score_extract(name, secure=secure) for name in names]
    write_atomically(project_root() / checks.SCORE_PAGE, checks.score_page(scores).encode(), mode=0o644)


def main() -> int:
    """Write the page of the extracts that the command line names; return the exit code."""
    try:
        write_score_page(sys.argv[1:])
    except KaaError as error:
        tell(f"{error.kind}: {error}")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
