"""The door: `protect` is the only way from a `Result` to something that can be presented."""
