"""From delivered files to the register: layouts, conversion, identities, problem rows, `read_register`."""

from kaa_analysis.ingest.extract import Extract, add_extract, discard_invented, open_extract
from kaa_analysis.ingest.register_reader import read_register

__all__ = ["Extract", "add_extract", "discard_invented", "open_extract", "read_register"]
