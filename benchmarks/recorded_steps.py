"""Sampling on a GPU with recorded steps, compared with the same sampling step by step.

python -m benchmarks.recorded_steps [--model NAME] [--tasks N] [--samples N] [--max-new-tokens N] [--rounds N]

Completes built-in tasks with both, in turn, and prints the medians of tokens a second, their ratio, and how many
samples are the same. Two ways to round make a few of them differ.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from unittest import mock

import torch

from rlcf.generation.engine import Request, Sample, SamplingParams, request_seed
from rlcf.generation.prompts import Prompting
from rlcf.generation.sampling import task_request
from rlcf.generation.stopping import program_stop
from rlcf.generation.torch_engine import TorchEngine
from rlcf.languages.java import Java
from rlcf.models import causal
from rlcf.models.policy import Policy
from rlcf.tasks.loading import load_tasks


def main() -> None:
    """Prints one line for each way to sample, and how they compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="builtin:smollm2-135m", help="(default: %(default)s)")
    parser.add_argument("--tasks", type=int, default=64, help="(default: %(default)s)")
    parser.add_argument("--samples", type=int, default=16, help="of each task (default: %(default)s)")
    parser.add_argument("--max-new-tokens", type=int, default=128, help="(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="(default: %(default)s)")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("steps are recorded on NVIDIA GPUs only, and PyTorch sees none here")
    policy = Policy.load_for_sampling(options.model)
    requests = _requests(policy, options.tasks, options.samples)
    params = SamplingParams(options.max_new_tokens, 0.8, batch_size=len(requests))
    rates: dict[str, list[float]] = {"recorded": [], "step by step": []}
    samples: dict[str, list[Sample]] = {}
    for _ in range(options.rounds + 1):  # the first one warms up
        for way, found in rates.items():
            with _recording(way == "recorded"):
                samples[way], rate = _sampled(policy, requests, params)
            found.append(rate)
    medians = {way: statistics.median(found[1:]) for way, found in rates.items()}
    for way, rate in medians.items():
        print(f"{way:12}  {rate:9,.0f} tokens/s")
    same = sum(a.token_ids == b.token_ids for a, b in zip(*samples.values(), strict=True))
    print(f"{medians['recorded'] / medians['step by step']:.1f} x; {same} of {len(requests)} samples are the same")
    print(f"{torch.cuda.get_device_name()}, {len(requests)} samples at a time")


def _requests(policy: Policy, tasks: int, samples: int) -> list[Request]:
    prompting = Prompting(kind=policy.kind)
    return [
        task_request(task, prompting.prompt(policy.tokenizer, task), request_seed(0, task.task_id, n))
        for task in load_tasks("builtin:java")[:tasks]
        for n in range(samples)
    ]


@contextlib.contextmanager
def _recording(wanted: bool) -> Iterator[None]:
    with contextlib.nullcontext() if wanted else mock.patch.object(causal, "can_record", return_value=False):
        yield


def _sampled(policy: Policy, requests: Sequence[Request], params: SamplingParams) -> tuple[list[Sample], float]:
    """The samples, and how many tokens a second took."""
    torch.cuda.synchronize()
    started = time.perf_counter()
    samples = TorchEngine(policy).generate(requests, params, program_stop(policy, Java()))
    torch.cuda.synchronize()
    return samples, sum(len(sample.token_ids) for sample in samples) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
