"""A language's checker beside the same checker started for each program: equality, speed, memory, references.

A language adds its published tasks to `FILES` in `cases.py`, and a line to `YARDSTICKS` in `yardsticks.py` where "a
fresh checker for each program" is not what it is compared with.
"""
