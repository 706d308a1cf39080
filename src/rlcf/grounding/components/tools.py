"""Components that run programs: what they need is started when it is first used, and is off where it cannot be."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from rlcf.errors import ToolError, Unsupported
from rlcf.grounding.components import Component
from rlcf.languages.base import Resource

if TYPE_CHECKING:
    from rlcf.grounding.grounding import Grounding

Tool = TypeVar("Tool", bound=Resource)


class ToolComponent(Component, Generic[Tool]):
    """A component with a tool. Without one it has nothing to say, and `warning` says it."""

    optional = True

    def __init__(self, grounding: Grounding) -> None:
        super().__init__(grounding)
        self._running: Tool | None = None
        self._off: str | None = None
        self._started = False

    @abstractmethod
    def start(self) -> Tool:
        """Starts the tool.

        Raises:
            Unsupported: the language has no such tool.
            ToolError: this machine lacks what it needs.
        """

    def tool(self) -> Tool | None:
        """The tool, started where it is not; `None` where this machine has none: that shows at the first start.

        Raises:
            ToolError: it cannot be started again.
        """
        if self._running is None and self._off is None:
            try:
                self._running = self.start()
                self._started = True
            except (Unsupported, ToolError) as error:
                if self._started:
                    raise
                self._off = str(error)
        return self._running

    def warning(self) -> str | None:
        self.tool()
        return self._off and f"{self.name} is off, and the other components decide: {self._off}"

    def close(self) -> None:
        """Ends the tool; another is started when it is used again."""
        if self._running is not None:
            self._running.close()
            self._running = None
