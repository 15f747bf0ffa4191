"""Numbers of ours for lists; configuration later."""

TWO_PERSONS_ABOVE = 500
"""People in one file: for more a second person has to agree."""
KEPT_HOURS = 24
"""How long a file lies ready."""
CHANGED_AT_ONCE = 500
"""People in one change: as many as one can answer for, and one transaction carries."""
UNDO_DAYS = 30
"""How long a change of many can be taken back as one."""
REASON_LEAST = 4
