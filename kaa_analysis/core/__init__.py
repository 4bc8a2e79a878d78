"""What everything else stands on: errors, periods, vocabularies, results, provenance, the secure folder."""
