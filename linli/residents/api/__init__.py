"""REST of the register: people, what is known of them, households and doors, and what happens, with the pages' own rights."""

from .categories import router as categories
from .corrections import router as corrections
from .documents import router as documents
from .facts import router as facts
from .households import router as households
from .life import router as life
from .merging import router as merging
from .people import router as people

routers = (people, facts, categories, documents, corrections, life, households, merging)

__all__ = ["routers"]
