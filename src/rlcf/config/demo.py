"""What `rlcf demo` sets beside the defaults: it learns from references and rewards at once, on more tasks an update."""

from collections.abc import Sequence
from typing import Any

from rlcf.config.reading import make_recipe
from rlcf.config.recipe import Recipe


def demo_recipe(settings: Sequence[str] = (), language: str = "java") -> Recipe:
    """The recipe of `recipes/demo.toml`; `settings` override it as in `load_recipe`, with the same errors.

    Args:
        language: whose built-in tasks are trained and evaluated on; of Java's, the easy ones.
    """
    tables: dict[str, Any] = {
        "generation": {"max_new_tokens": 72},  # the longest reference has 70
        "algorithm": {
            "minibatches": 4,
            "imitation_coefficient": 1.0,
            "imitated": 50,
            "learn_from": 4,
            "kl_coefficient": 0.0,
        },
        "train": {"updates": 12, "tasks_per_update": 20},
    }
    if language != "java":
        builtin = f"builtin:{language}"
        tables |= {"language": {"name": language}, "tasks": {"train": builtin, "evaluate": builtin}}
    return make_recipe(tables, settings)
