"""Errors that real registers have, put into raw files on purpose: a catalogue, an injector per kind and a list of what was done."""

from kaa_analysis.synthetic.errors.error_kinds import PROFILES, ErrorKind, Origin, error_kinds
from kaa_analysis.synthetic.errors.injected_error import InjectedError, key_of_row, process_errors, write_errors
from kaa_analysis.synthetic.errors.refused_deliveries import RefusedDelivery, refused_deliveries
from kaa_analysis.synthetic.errors.spoiling import spoil

__all__ = [
    "PROFILES",
    "ErrorKind",
    "InjectedError",
    "Origin",
    "RefusedDelivery",
    "error_kinds",
    "key_of_row",
    "process_errors",
    "refused_deliveries",
    "spoil",
    "write_errors",
]
