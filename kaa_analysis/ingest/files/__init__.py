"""One module per format: how the rows of a delivered CSV, XLSX or Parquet file become text."""
