"""Run directories that look like real ones, made from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.storage.rundir import RunDir

Row = dict[str, Any]
MakeRun = Callable[..., Path]

HEADER = "import java.io.*;\nimport java.lang.*;\nimport java.util.*;\nimport java.math.*;\n\n\n"
WANTED = (
    (
        "minCost",
        "List<List<Integer>> cost, int m, int n",
        "int",
        "the minimum cost path to reach (m, n) from (0, 0)",
    ),
    ("isNotPrime", "int n", "boolean", "whether the given number is not prime"),
    ("countVowels", "String s", "int", "how many vowels the string has"),
    (
        "similar",
        "List<Integer> a, List<Integer> b",
        "List<Integer>",
        "the elements that two lists have in common",
    ),
    ("maxOfThree", "int a, int b, int c", "int", "the largest of three numbers"),
)
EARNEST = """\
        int total = 0;
        for (int i = 0; i < 10; i++) {
            total += i * %s.hashCode();
        }
        return total;
    }
}
"""
REFERENCE = """\
        // keep what the caller gave us
        Object seen = %s;
        int best = Integer.MAX_VALUE;
        for (int i = 0; i < 100; i++) {
            best = Math.min(best, i);
        }
        return best;
    }
}
"""
BAD_OPERANDS = "bad operand types for binary operator '/'\n  first type:  int\n  second type: String"
# A program, the place of its diagnostic, the code, the message.
BROKEN = (
    (
        "        return helper(%s, undefinedName);\n    }\n}\n",
        "undefinedName",
        "cant.resolve.location",
        "cannot find symbol\n  symbol:   variable undefinedName",
    ),
    (
        "        int x = 3\n        return x;\n    }\n}\n",
        "\n        return x;",
        "expected",
        "';' expected",
    ),
    (
        "        if (n > 3) {\n            return 1;\n        }\n    }\n}\n",
        "}\n}\n",
        "missing.ret.stmt",
        "missing return statement",
    ),
    (
        '        String s = 5 + %s;\n        return s.length() / "two";\n    }\n}\n',
        '"two"',
        "operator.cant.be.applied.1",
        BAD_OPERANDS,
    ),
)
NASTY = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>\n<!-- <script> ]]> {{ 7 * 7 }} {% raw %}",
    '        String s = "naïve – 中文 – \\u2028 \u2028\u2029 – 🦊 – \u202e reversed \u202c";\n\x00\x07',
    "        return " + "x + " * 1500 + "x;\n    }\n}\n",
    "lone surrogate \ud83d here",
    "",
)


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Makes a whole run directory: `make_run("name", seed=1, updates=13, tasks=20)`."""

    def make(name: str = "mbjp-ppo", **wishes: Any) -> Path:
        return write_run(tmp_path / name, **wishes)

    return make


@pytest.fixture
def run(make_run: MakeRun) -> Path:
    return make_run()


def write_run(
    root: Path,
    *,
    seed: int = 1,
    updates: int = 13,
    tasks: int = 20,
    samples: int = 2,
    reward: str = "hybrid",
) -> Path:
    """A run directory as `docs/run-directory.md` describes it."""
    rng = random.Random(seed)
    files = RunDir(root)
    made = [_task(number) for number in range(1, tasks + 1)]
    write_json(files.run, _run_facts(seed))
    write_json(files.config, _config(seed, updates, reward))
    write_jsonl(files.metrics, [_metrics(rng, update, updates) for update in range(1, updates + 1)])
    for update in range(1, updates + 1):
        progress = update / updates
        rows = [_rollout(rng, task, progress) for task in made[:4] for _ in range(4)]
        write_jsonl(files.samples(update), rows)
    write_jsonl(files.evaluation_tasks, made)
    for when, progress in (("before", 0.0), ("after", 1.0)):
        results = [_result(rng, task, progress) for task in made for _ in range(samples)]
        _plant_nasty(results, when)
        write_jsonl_escaped(files.evaluation(when) / "results.jsonl", results)
        write_json(files.evaluation(when) / "summary.json", summary(results))
    write_json(files.rewards, _rewards(rng))
    return root


def write_jsonl_escaped(path: Path, rows: list[Row]) -> None:
    """As `write_jsonl`, but with a lone surrogate as an escape: a file cannot hold it otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _task(number: int) -> Row:
    name, parameters, result, wanted = WANTED[number % len(WANTED)]
    prompt = (
        f"{HEADER}class Task{number} {{\n    /**\n     * Write a function that gives {wanted}.\n     */\n"
        f"    public static {result} {name}({parameters}) {{\n"
    )
    first = parameters.split(",")[0].split()[-1]
    return {
        "task_id": f"MBJP/{number}",
        "prompt": prompt,
        "language": "java",
        "entry_point": name,
        "description": f"Write a function that gives {wanted}." if number % 2 else None,
        "canonical_solution": REFERENCE % first,
        "split": "heldout",
    }


def _program(rng: random.Random, task: Row, progress: float) -> Row:
    """What a policy wrote, with its verdict; better as `progress` goes from 0 to 1."""
    draw = rng.random()
    name = task["prompt"].split("(")[-1].split(",")[0].split(")")[0].split()[-1]
    if draw < 0.65 - 0.3 * progress:
        text, at, code, message = rng.choice(BROKEN)
        completion = text.replace("%s", name)
        offset = len(task["prompt"]) + completion.rindex(at)
        source = task["prompt"] + completion
        line = source.count("\n", 0, offset) + 1
        column = offset - (source.rfind("\n", 0, offset) + 1) + 1
        diagnostic = {
            "code": f"compiler.err.{code}",
            "severity": "error",
            "message": message,
            "line": line,
            "column": column,
            "offset": offset,
        }
        return {"completion": completion, "compiled": False, "trivial": False, "diagnostics": [diagnostic]}
    trivial = draw > 0.98 - 0.05 * progress
    completion = "        return 0;\n    }\n}\n" if trivial else EARNEST % name
    return {"completion": completion, "compiled": True, "trivial": trivial, "diagnostics": []}


def _result(rng: random.Random, task: Row, progress: float) -> Row:
    program = _program(rng, task, progress)
    status = rng.choice(["passed", "failed", "failed", "error"]) if program["compiled"] else "rejected"
    return {
        "task_id": task["task_id"],
        **program,
        "executed": status in ("passed", "failed"),
        "passed": status == "passed",
        "status": status,
        "detail": "java.lang.ArithmeticException: / by zero" if status == "error" else "",
        "seconds": 0.1,
        "tokens": len(program["completion"]) // 4,
        "preference": rng.uniform(-0.8, 0.2) if program["compiled"] else None,
    }


def _plant_nasty(results: list[Row], when: str) -> None:
    """Untrusted text among the samples, and one sample that a tool failed on."""
    for place, text in enumerate(NASTY):
        results[-3 - place] |= {"completion": text, "diagnostics": []}
    if when == "after":
        nothing = dict.fromkeys(("compiled", "executed", "passed", "status", "trivial", "preference"))
        results[-1] |= {**nothing, "diagnostics": [], "detail": "the compiler died"}


def summary(results: list[Row]) -> Row:
    """What `summary.json` holds for these samples."""
    scored = [row for row in results if row["compiled"] is not None]

    def mean(field: str) -> Row:
        values = [float(row[field]) for row in scored if row[field] is not None]
        value = sum(values) / len(values)
        return {
            "value": value,
            "low": max(0.0, value - 0.08) if value > 0 else value - 0.08,
            "high": value + 0.08,
        }

    firsts = [row["diagnostics"][0]["code"] for row in scored if row["diagnostics"]]
    return {
        "tasks": len({row["task_id"] for row in results}),
        "samples": len(results),
        "unscored": len(results) - len(scored),
        "compile_rate": mean("compiled"),
        "trivial_rate": mean("trivial"),
        "execute_rate": mean("executed"),
        "pass@1": mean("passed"),
        "mean_tokens": mean("tokens"),
        "preference": mean("preference"),
        "diagnostics": {code: firsts.count(code) for code in dict.fromkeys(firsts)},
    }


def _rollout(rng: random.Random, task: Row, progress: float) -> Row:
    program = _program(rng, task, progress)
    compiled = program.pop("compiled")
    return {
        "task_id": task["task_id"].replace("MBJP", "MBJP-train"),
        **program,
        "tokens": len(program["completion"]) // 4,
        "status": "accepted" if compiled else "rejected",
        "preference": rng.uniform(-0.8, 0.2) if compiled else None,
        "reward": rng.uniform(-0.7, 0.3) if compiled else -1.0,
    }


def _metrics(rng: random.Random, update: int, updates: int) -> Row:
    progress = update / updates
    return {
        "update": update,
        "rollouts": 64,
        "unscored": 1 if update == 3 else 0,
        "reward": -0.6 + 0.5 * progress + rng.gauss(0, 0.05),
        "compile_rate": min(1.0, 0.3 + 0.35 * progress + rng.gauss(0, 0.04)),
        "trivial_rate": max(0.0, 0.02 + 0.03 * progress + rng.gauss(0, 0.01)),
        "preference": -0.4 + 0.1 * progress,
        "mean_tokens": 70 - 25 * progress + rng.gauss(0, 3),
        "kl": 0.03 * progress + rng.uniform(0, 0.004),
        "entropy": 0.9 - 0.2 * progress,
        "policy_loss": rng.gauss(0, 0.01),
        "value_loss": rng.uniform(0.05, 0.2),
        "clip_fraction": rng.uniform(0, 0.2),
        "grad_norm": rng.uniform(0.2, 1.4),
        "explained_variance": 0.3,
        "discriminator": {
            "accuracy": None if update == 1 else rng.uniform(0.85, 0.97),
            "loss": 0.4,
            "reference": 0.6,
            "accepted": -0.2 + 0.2 * progress,
            "trivial": -0.6 + rng.gauss(0, 0.05),
            "stub": -0.8,
        },
        "seconds": {"generate": 14.2, "check": 1.1, "discriminate": 3.0, "update": 9.5, "total": 28.4},
        "tokens_per_s": 310.0,
    }


def _rewards(rng: random.Random) -> Row:
    middle = {"rejected": None, "stub": -0.8, "trivial": -0.7, "accepted": -0.1, "reference": 0.75}
    return {
        kind: [-1.0 if mean is None else max(-1.0, min(1.0, rng.gauss(mean, 0.15))) for _ in range(40)]
        for kind, mean in middle.items()
    }


def _run_facts(seed: int) -> Row:
    return {
        "command": ["rlcf", "train", "recipes/mbjp ppo.toml"],
        "machine": {"cpu": "8 cores", "memory_gb": 32, "device": "cpu"},
        "versions": {"python": "3.11.9", "torch": "2.9.0", "rlcf": "0.1.0"},
        "seed": seed,
        "started": "2026-03-01T10:00:00+00:00",
        "finished": "2026-03-01T10:41:07+00:00",
        "state": "finished",
    }


def _config(seed: int, updates: int, reward: str) -> Row:
    return {
        "policy": {"model": "builtin:smollm2-135m", "lora_rank": 16},
        "tasks": {"train": "builtin:java", "evaluate": "builtin:java"},
        "grounding": {"mode": reward, "workers": 2},
        "algorithm": {"name": "ppo", "learning_rate": 1e-4, "clip": 0.2},
        "train": {"seed": seed, "updates": updates},
    }
