"""The page about every field of a protocol (``docs/protokoll.md``), generated from the model.

``python -m kaa_analysis.evaluation.protocols.protocol_page`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.evaluation.protocols.protocol import Protocol
from kaa_analysis.evaluation.protocols.protocol_fields import ProtocolPart
from kaa_analysis.evaluation.protocols.protocol_file import part_of

PAGE = Path("docs") / "protokoll.md"

INTRODUCTION = """# Protokollets fält

*Sidan skrivs av `python -m kaa_analysis.evaluation.protocols.protocol_page` och ändras inte för hand.*

Ett protokoll ligger i `params/protocols/` och läses strängt: inget fält får saknas och inget annat får finnas. Det som inte är aktuellt skrivs `null`
eller som en tom lista. `<namn>` är ett namn som skribenten väljer (a–z, siffror och understreck). Hur ett protokoll används står i
[how-to/utvardering.md](how-to/utvardering.md)."""


def protocol_page() -> str:
    """Return the page."""
    rows = [f"| `{path}` | {description} |" for path, description in _fields(Protocol, "")]
    return "\n".join([INTRODUCTION, "", "| fält | vad det anger |", "|---|---|", *rows, ""])


def _fields(part: type[ProtocolPart], above: str) -> Iterator[tuple[str, str]]:
    for name, field in part.model_fields.items():
        yield f"{above}{name}", str(field.description)
        if (inner := part_of(field.annotation)) is not None:
            yield from _fields(inner, f"{above}{name}{_between(field.annotation)}")


def _between(annotation: Any) -> str:
    """Return what stands between a field and those of the parts it holds: a name, a place in a list, or nothing."""
    kinds = {dict: ".<namn>.", tuple: "[].", None: "."}
    return kinds[getattr(annotation, "__origin__", None) if get_args(annotation) else None]


if __name__ == "__main__":
    write_atomically(project_root() / PAGE, protocol_page().encode(), mode=0o644)
