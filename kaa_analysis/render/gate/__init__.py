"""The release gate: everything a finished bundle holds is read, scanned for traces of persons and machines, and compared with its twin."""
