"""What programs do: the inputs on which a task's programs are compared with its reference, and the comparison."""

from rlcf.grounding.behaviour.plans import Plan, make_plans

__all__ = ["Plan", "make_plans"]
