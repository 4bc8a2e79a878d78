"""The released tables as files for other programs: the workbook and the open data."""
