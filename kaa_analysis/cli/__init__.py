"""``kaa …``: a thin skin over functions that notebooks can call too. Importing it imports nothing heavy."""
