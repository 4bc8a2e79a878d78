"""What desktop programs put beside files when somebody looks at them: no part of a bundle, and no sign that it was changed."""

from __future__ import annotations

_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_LOCK_OF_WORD = "~$"
_LOCK_OF_LIBREOFFICE = (".~lock.", "#")


def is_litter(name: str) -> bool:
    """Return whether a file's own name, without its folder, is one that desktop programs give the files they leave behind.

    >>> [name for name in ("report.docx", "~$report.docx", ".~lock.report.docx#", "Thumbs.db") if is_litter(name)]
    ['~$report.docx', '.~lock.report.docx#', 'Thumbs.db']
    """
    begins, ends = _LOCK_OF_LIBREOFFICE
    return (
        name.lower() in _LITTER or name.startswith(_LOCK_OF_WORD) or (name.startswith(begins) and name.endswith(ends))
    )
