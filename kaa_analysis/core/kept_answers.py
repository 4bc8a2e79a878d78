"""`KeptAnswers`: what has been found out about an object that never changes, kept as long as the object is there."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import pandas as pd

Answer = TypeVar("Answer")


class KeptAnswers:
    """Answers by their questions. ``beside`` names another object that the answer is also about: it is gone with either of the two.

    A copy of the owner, and one that was sent to another process, begins with no answers.
    """

    def __init__(self) -> None:
        self._own: dict[Hashable, Any] = {}
        self._beside: WeakKeyDictionary[object, dict[Hashable, Any]] = WeakKeyDictionary()

    def __reduce__(self) -> tuple[type[KeptAnswers], tuple[()]]:
        return KeptAnswers, ()

    def answer(self, question: Hashable, find: Callable[[], Answer], *, beside: object | None = None) -> Answer:
        """Return the answer that was kept, else find and keep it. It is handed out as it is: nobody may change it.

        >>> kept = KeptAnswers()
        >>> kept.answer("n", lambda: 1), kept.answer("n", lambda: 2)
        (1, 1)
        """
        answers = self._own if beside is None else self._beside.setdefault(beside, {})
        if question not in answers:
            answers[question] = find()
        return answers[question]

    def known(self, question: Hashable) -> Any:
        """Return the answer that was kept, None where none was."""
        return self._own.get(question)

    def frame(
        self, question: Hashable, find: Callable[[], pd.DataFrame], *, beside: object | None = None
    ) -> pd.DataFrame:
        """Return a copy of the frame that was kept, else of the one found. The copy shares memory until one of the two is changed."""
        return self.answer(question, find, beside=beside).copy(deep=False)


def answers_of(owner: object) -> KeptAnswers:
    """Return what is kept of ``owner``: its ``answers``; for an object that keeps nothing a new, empty one."""
    return getattr(owner, "answers", None) or KeptAnswers()
