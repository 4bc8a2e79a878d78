"""A register that never existed, written as raw extracts by a writer of its own, after published margins."""
