"""How people of a household stand to a new head, from how they stood to the old one. Pure.

The one-digit list of GB/T 4761 is coarse: where it cannot be known (the child's child may be the new head's own or a
brother's) the answer is "", and a person says.
"""

from __future__ import annotations

from .codes import Relation as R
from .codes import Sex

CHILD = "child"
"""A son or a daughter, whichever the person is."""

_AFTER: dict[str, dict[str, str]] = {
    R.SPOUSE: {
        R.HEAD: R.SPOUSE,
        R.SON: R.SON,
        R.DAUGHTER: R.DAUGHTER,
        R.GRANDCHILD: R.GRANDCHILD,
        R.PARENT: R.OTHER,
        R.GRANDPARENT: R.OTHER,
        R.SIBLING: R.OTHER,
        R.OTHER: R.OTHER,
    },
    R.SON: {
        R.HEAD: R.PARENT,
        R.SPOUSE: R.PARENT,
        R.SON: R.SIBLING,
        R.DAUGHTER: R.SIBLING,
        R.PARENT: R.GRANDPARENT,
        R.GRANDPARENT: R.OTHER,
        R.SIBLING: R.OTHER,
    },
    R.PARENT: {
        R.HEAD: CHILD,
        R.SPOUSE: R.OTHER,
        R.SON: R.GRANDCHILD,
        R.DAUGHTER: R.GRANDCHILD,
        R.PARENT: R.SPOUSE,
        R.SIBLING: CHILD,
        R.GRANDCHILD: R.OTHER,
        R.OTHER: R.OTHER,
    },
    R.SIBLING: {
        R.HEAD: R.SIBLING,
        R.SIBLING: R.SIBLING,
        R.PARENT: R.PARENT,
        R.GRANDPARENT: R.GRANDPARENT,
        R.SPOUSE: R.OTHER,
        R.SON: R.OTHER,
        R.DAUGHTER: R.OTHER,
        R.GRANDCHILD: R.OTHER,
        R.OTHER: R.OTHER,
    },
    R.GRANDCHILD: {R.HEAD: R.GRANDPARENT, R.SPOUSE: R.GRANDPARENT, R.PARENT: R.OTHER, R.SIBLING: R.OTHER},
    R.GRANDPARENT: {R.HEAD: R.GRANDCHILD, R.SPOUSE: R.OTHER, R.SIBLING: R.GRANDCHILD},
}
_AFTER[R.DAUGHTER] = _AFTER[R.SON]


def relation_after(old: str, heir: str, sex: str) -> str:
    """How somebody of that sex, who was `old` to the old head, stands to the new one, who was `heir`; "" when unknown."""
    found = _AFTER.get(heir, {}).get(old, "")
    if found == CHILD:
        return {Sex.MALE: R.SON, Sex.FEMALE: R.DAUGHTER}.get(Sex(sex), "")
    return str(found)
