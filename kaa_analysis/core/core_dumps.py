"""No dump of a process's memory: it would hold whatever the process had read, in the working directory or where the system collects dumps."""

from __future__ import annotations

NO_DUMP = 1
"""The largest dump in bytes: too small for any to be written. With 0 a program that the system hands dumps to would still get one."""


def refuse_core_dumps() -> None:
    """Let neither this process nor those it starts leave a core dump, however they end; a system without such limits leaves none."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    limit = NO_DUMP if most == resource.RLIM_INFINITY else min(NO_DUMP, most)
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
