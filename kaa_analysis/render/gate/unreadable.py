"""The reason why a file, or a part of one, cannot be proved to hold nothing."""

from __future__ import annotations


class Unreadable(Exception):  # noqa: N818 - a reason that is told on, not an error of its own
    """Stops the reading of one file; its Swedish text is the reason, without any of the content."""
