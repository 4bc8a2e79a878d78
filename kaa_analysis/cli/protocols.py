"""What `kaa protocol` tells of a protocol."""

from __future__ import annotations

from kaa_analysis.cli.stages import answer, tell
from kaa_analysis.core.errors import ProtocolError
from kaa_analysis.core.project import project_root
from kaa_analysis.core.provenance import now
from kaa_analysis.core.secure_folder import secure_folder
from kaa_analysis.evaluation.protocols.freezing import KnownProtocol, freeze, known_protocol, obstacles
from kaa_analysis.evaluation.protocols.frozen_record import frozen_file
from kaa_analysis.evaluation.protocols.protocol import Protocol
from kaa_analysis.evaluation.protocols.protocol_fields import NOBODY_YET
from kaa_analysis.schema.tables import table_schema


def check_protocol(name: str) -> None:
    """Answer with what a protocol that is written rightly closes and lacks, and whether it is frozen.

    Raises:
        ParameterError: the protocol is not what it should be.
        ProtocolError: it is another than the one that was frozen, or what was frozen is gone or altered.
    """
    known = known_protocol(name, root=project_root(), secure=secure_folder())
    if known.is_changed and known.latest is not None and known.protocol.version <= known.latest.version:
        latest = known.latest.version
        raise ProtocolError(
            f"Protokollet {name} är ett annat än version {latest}, som frystes: utfallet är stängt.",
            found=known.changes,
            action=f"ändra tillbaka, eller skriv version: {latest + 1} och kör kaa protocol freeze {name}",
        )
    answer("\n".join(protocol_lines(known, day=now().date().isoformat())))


def freeze_protocol(name: str) -> None:
    """Freeze a protocol and answer with the place of its record.

    Raises:
        ParameterError: the protocol is not what it should be.
        ProtocolError: it cannot be frozen.
    """
    root, secure = project_root(), secure_folder()
    was_frozen = known_protocol(name, root=root, secure=secure).is_frozen
    known = freeze(name, root=root, secure=secure)
    version = known.protocol.version
    tell(f"{name} version {version} {'var redan fryst' if was_frozen else 'är fryst'}: {known.hash}")
    if known.frozen is not None and not was_frozen:
        for change in known.frozen.changes:
            tell(f"  {change}")
        if known.frozen.outcomes_were_read:
            tell("utfall hade redan lästs enligt en tidigare version: resultaten märks som utforskande")
        tell("lägg in filen i versionshanteringen; den ändras aldrig")
    answer(frozen_file(name, version, root=root).relative_to(root).as_posix())


def _closed(protocol: Protocol) -> list[str]:
    """Return what is closed until the protocol is frozen: columns, and tables that are closed whole."""
    of_tables = sorted({column.partition(".")[0] for column in protocol.closed_columns})
    columns = {table: [f"{table}.{column}" for column in table_schema(table).columns] for table in of_tables}
    return [
        told
        for table, every in columns.items()
        for told in (
            [table]
            if protocol.closed_columns.issuperset(every)
            else sorted(protocol.closed_columns.intersection(every))
        )
    ]


def protocol_lines(known: KnownProtocol, *, day: str) -> list[str]:
    """Return what is told of a protocol, as lines; ``day`` (ÅÅÅÅ-MM-DD) is the one on which it might be frozen."""
    protocol = known.protocol
    primary = protocol.outcomes[protocol.primary_outcome]
    lines = [
        f"{known.name}: {protocol.title}, version {protocol.version}",
        f"  innehåll: {known.hash}",
        f"  primärt utfall: {primary.label}",
        f"  stängt tills det är fryst: {', '.join(_closed(protocol))}, och allt som protokollet inte nämner",
    ]
    if protocol.unvouched:
        lines.append(f"  antaganden som {NOBODY_YET} står för: {', '.join(protocol.unvouched)}")
    if known.frozen is not None:
        return [*lines, f"  fryst {known.frozen.frozen_on}"]
    lines += [f"  ändrat sedan version {known.latest.version}: {change}" for change in known.changes if known.latest]
    hindered = obstacles(protocol, day=day)
    return [*lines, *(f"  hindrar frysning: {one}" for one in hindered), "  inte fryst: utfallet är stängt"]
