"""What `rlcf demo` sets beside the defaults: a short warm start, and updates of more tasks."""

from collections.abc import Sequence
from typing import Any

from rlcf.config.reading import make_recipe
from rlcf.config.recipe import Recipe


def demo_recipe(settings: Sequence[str] = ()) -> Recipe:
    """The recipe of `recipes/demo.toml`; `settings` override it as in `load_recipe`, with the same errors."""
    tables: dict[str, Any] = {
        "generation": {"max_new_tokens": 72},  # the longest reference has 70
        "warm_start": {"updates": 3, "learning_rate": 1e-3},
        "algorithm": {"learn_from": 4, "kl_coefficient": 0.05},
        "train": {"updates": 14, "tasks_per_update": 20},
    }
    return make_recipe(tables, settings)
