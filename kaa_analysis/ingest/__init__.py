"""From delivered files to the register: layouts, conversion, identities, problem rows, `read_register`."""

from kaa_analysis.ingest.extract import Extract, add_extract, discard_invented, open_extract
from kaa_analysis.ingest.finished_results import finished_results
from kaa_analysis.ingest.finished_tables import FinishedCell, FinishedTable, read_finished_tables
from kaa_analysis.ingest.register_reader import read_register

__all__ = [
    "Extract",
    "FinishedCell",
    "FinishedTable",
    "add_extract",
    "discard_invented",
    "finished_results",
    "open_extract",
    "read_finished_tables",
    "read_register",
]
