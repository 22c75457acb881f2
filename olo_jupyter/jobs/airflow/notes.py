"""The notes of Airflow's runs: who started one, ran it again, ended it. Airflow knows the one account that olo uses.

Airflow shows a run's note beside it; what somebody wrote there themselves stays.
"""

from __future__ import annotations

from dataclasses import dataclass

_STARTED, _AGAIN, _CANCELLED = "olo: started by ", "olo: run again by ", "olo: cancelled by "
_LONGEST = 1000
"""Characters that Airflow takes."""
_NAME = 200


@dataclass(frozen=True)
class Note:
    """What a run's note tells; '' where nobody did it. ``own`` is what others wrote there.

    Example:
        >>> Note.read("olo: started by ana\\nLook at the second task!").started
        'ana'
    """

    started: str = ""
    again: str = ""
    cancelled: str = ""
    own: str = ""

    @classmethod
    def read(cls, text: str | None) -> Note:
        """A note as Airflow has it."""
        found, own = dict.fromkeys((_STARTED, _AGAIN, _CANCELLED), ""), []
        for line in (text or "").splitlines():
            kind = next((kind for kind in found if line.startswith(kind)), None)
            if kind is None:
                own.append(line)
            else:
                found[kind] = line.removeprefix(kind)
        return cls(found[_STARTED], found[_AGAIN], found[_CANCELLED], "\n".join(own))

    @property
    def text(self) -> str:
        """The note as Airflow takes it: ours first, of what others wrote as much as there is room for.

        Example:
            >>> Note(started="ana", cancelled="ben").text
            'olo: started by ana\\nolo: cancelled by ben'
        """
        ours = ((_STARTED, self.started), (_AGAIN, self.again), (_CANCELLED, self.cancelled))
        lines = [f"{kind}{' '.join(name.split())[:_NAME]}" for kind, name in ours if name]
        return "\n".join([*lines, *([self.own] if self.own else [])])[:_LONGEST]
