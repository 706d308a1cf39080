"""MathQA's word problems as tasks: a formula of the data set becomes a reference."""

from rlcf.tasks.mathqa.conversion import MathQA, read_mathqa

__all__ = ["MathQA", "read_mathqa"]
