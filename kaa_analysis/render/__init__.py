"""From notebook to bundle: running, refusing what may not be shown, pages, workbook, open data, manifest."""
