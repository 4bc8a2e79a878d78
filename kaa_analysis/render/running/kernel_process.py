"""What a kernel's process does: it is the kernel that the connection file describes. As ``python -m ipykernel_launcher``, startable by fork."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from kaa_analysis.core.collection import collect_seldom
from kaa_analysis.core.core_dumps import refuse_core_dumps
from kaa_analysis.core.secure_folder import PRIVATE_MASK


def main(arguments: Sequence[str]) -> int:
    """Serve as a kernel until it is told to end."""
    from ipykernel.kernelapp import IPKernelApp

    refuse_core_dumps()
    os.umask(PRIVATE_MASK)
    collect_seldom()
    os.environ["PYDEVD_USE_FRAME_EVAL"] = (
        "NO"  # set where the debugger is imported, which for a forked kernel was elsewhere
    )
    ends_with_parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    IPKernelApp.launch_instance(argv=[*arguments, ends_with_parent])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
