"""The register: validated, pseudonymised tables as Parquet, queried through DuckDB."""

from kaa_analysis.store.register import Register, open_register, write_register

__all__ = ["Register", "open_register", "write_register"]
