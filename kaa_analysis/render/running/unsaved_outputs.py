"""Notebooks that JupyterLab saves lie outside the secure folder, and are saved without what their cells have shown."""

from __future__ import annotations

from typing import Any


def without_outputs(model: dict[str, Any], **_: Any) -> None:
    """Take every output, execution count and widget's state out of a notebook that is about to be saved; a hook of Jupyter's server.

    >>> cell = {"cell_type": "code", "source": "1", "outputs": [{"text": "1"}], "execution_count": 1, "metadata": {}}
    >>> model = {"type": "notebook", "content": {"cells": [cell], "metadata": {}}}
    >>> without_outputs(model=model)
    >>> model["content"]["cells"][0]["outputs"], model["content"]["cells"][0]["execution_count"]
    ([], None)
    """
    if model.get("type") != "notebook":
        return
    content = model.get("content") or {}
    content.get("metadata", {}).pop("widgets", None)
    for cell in content.get("cells", ()):
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None
            cell.get("metadata", {}).pop("execution", None)
