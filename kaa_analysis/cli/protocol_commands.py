"""`kaa protocol`: the protocol of an evaluation, checked and frozen before any outcome can be read."""

from __future__ import annotations

from typing import Annotated

import typer

from kaa_analysis.cli.usage import KaaCommand, KaaGroup

protocol_app = typer.Typer(
    name="protocol",
    cls=KaaGroup,
    help="Kontrollera och frys protokoll för utvärderingar (params/protocols/).",
    add_completion=False,
    rich_markup_mode=None,
)

ProtocolName = Annotated[
    str,
    typer.Argument(help="Protokollets namn, till exempel aim_12_manader; utan mapp och .yaml.", metavar="NAMN"),
]


@protocol_app.command("check", cls=KaaCommand)
def check(name: ProtocolName) -> None:
    """Kontrollera ett protokoll och säg om det är fryst. Slutkod 0 om det är rätt skrivet och inte har ändrats sedan det frystes."""
    from kaa_analysis.cli.protocols import check_protocol

    check_protocol(name)


@protocol_app.command("freeze", cls=KaaCommand)
def freeze(name: ProtocolName) -> None:
    """Frys ett protokoll som det står. Först därefter kan utfallet läsas. En fryst version ändras aldrig; ändringar blir en ny version."""
    from kaa_analysis.cli.protocols import freeze_protocol

    freeze_protocol(name)
