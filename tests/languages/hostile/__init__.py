"""Programs that mean harm to a compiler, each with the verdict that the checker must give."""

from __future__ import annotations

from tests.languages.hostile.characters import CHARACTERS, NO_JAVA
from tests.languages.hostile.names import NAMES
from tests.languages.hostile.program import KNOWN_JDKS, Hostile, Said
from tests.languages.hostile.sizes import ENDLESS, LIMITS, NESTING
from tests.languages.hostile.types import RULES, TYPES

HOSTILE = [*NESTING, *LIMITS, *CHARACTERS, *NO_JAVA, *NAMES, *TYPES, *RULES]

__all__ = ["ENDLESS", "HOSTILE", "KNOWN_JDKS", "Hostile", "Said"]
