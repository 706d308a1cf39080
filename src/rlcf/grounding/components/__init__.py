"""The components of the reward, by the names that `grounding.components` may have."""

from __future__ import annotations

import difflib
import importlib

from rlcf.config import GroundingConfig
from rlcf.errors import ConfigError
from rlcf.grounding.components.base import Batch, Component, Parts
from rlcf.grounding.recipe import recipe_of

# name: a class, or "module:class", which is imported when it is first used: the compiler alone needs no torch.
_COMPONENTS: dict[str, str | type[Component]] = {
    "compiler": "rlcf.grounding.components.compiler:CompilerComponent",
    "discriminator": "rlcf.grounding.components.discriminator:DiscriminatorComponent",
}


def register(component: type[Component]) -> type[Component]:
    """Makes a component known by its name; usable as a decorator."""
    _COMPONENTS[component.name] = component
    return component


def component_class(name: str) -> type[Component]:
    """The component called `name`.

    Raises:
        ConfigError: there is none; the message lists those there are.
    """
    found = _COMPONENTS.get(name)
    if found is None:
        close = difflib.get_close_matches(name, _COMPONENTS, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ConfigError(f"unknown grounding component {name!r}{hint}: known are {', '.join(sorted(_COMPONENTS))}")
    if isinstance(found, str):
        module, _, attribute = found.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        assert isinstance(found, type)
    return found


def needs_reference(config: GroundingConfig) -> bool:
    """Whether the reward of `config` compares with references."""
    return any(component_class(name).needs_reference for name in recipe_of(config).weights)


__all__ = ["Batch", "Component", "Parts", "component_class", "needs_reference", "register"]
