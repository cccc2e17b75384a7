#!/usr/bin/env python3
"""Replay public instances of the Meal Delivery Routing Problem through the dispatch engine.

`scripts/bench_dispatch.py INSTANCE_DIR... --policy engine --policy baseline --out DIR` prints a JSON object for each
instance and policy, then the means of each policy, and writes each solution in the three files of the public evaluator
to DIR/[POLICY/]INSTANCE. Run it with the Python of .venv. Times are minutes, money dollars. What the figures mean is in
docs/decisions/021-dispatch.md.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.mdrp.instance import InstanceError, read_instance  # noqa: E402 - the tree is on the path from here on
from scripts.mdrp.measures import Measures, means, measures  # noqa: E402
from scripts.mdrp.policies import POLICIES, UnknownParameter  # noqa: E402
from scripts.mdrp.replay import replay  # noqa: E402
from scripts.mdrp.solution import write_solution  # noqa: E402


@dataclass(frozen=True, slots=True)
class Run:
    """One instance through one policy."""

    folder: Path
    policy: str
    interval_min: int
    parameters: Mapping[str, str]
    out: Path | None


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instances", nargs="+", type=Path, metavar="INSTANCE_DIR")
    parser.add_argument("--policy", action="append", choices=sorted(POLICIES), help="may be given several times")
    parser.add_argument("--out", type=Path, help="folder for the solutions")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--interval", type=int, help="minutes between passes, else the policy's own")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the policy")
    return parser.parse_args(argv)


def runs(options: argparse.Namespace) -> list[Run]:
    """What to do, in the order of the answer."""
    policies = options.policy or ["engine"]
    parameters = dict(text.split("=", 1) for text in options.set)
    several = len(policies) > 1
    return [
        Run(
            folder=folder,
            policy=policy,
            interval_min=options.interval or POLICIES[policy].interval_min,
            parameters=parameters,
            out=(options.out / policy if several else options.out) if options.out else None,
        )
        for policy in policies
        for folder in options.instances
    ]


def one(run: Run) -> tuple[str, str, Measures]:
    """Replay, write, measure."""
    instance = read_instance(run.folder)
    solution = replay(instance, POLICIES[run.policy].make(run.parameters), run.interval_min)
    if run.out:
        write_solution(instance, solution, run.out / instance.name)
    return run.policy, instance.name, measures(instance, solution)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures of all runs, then the means."""
    options = arguments(argv)
    rows: dict[str, list[Measures]] = {}
    with ProcessPoolExecutor(options.jobs) as pool:
        todo = runs(options)
        for policy, name, found in pool.map(one, todo) if options.jobs > 1 else map(one, todo):
            rows.setdefault(policy, []).append(found)
            _print(policy, name, found)
    for policy, found_rows in rows.items():
        _print(policy, "mean", means(found_rows))
    return 0


def _print(policy: str, instance: str, found: Measures) -> None:
    figures = {key: round(value, 4) for key, value in found.items()}
    print(json.dumps({"instance": instance, "policy": policy, **figures}), flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (InstanceError, UnknownParameter) as error:
        sys.exit(f"bench_dispatch: {error}")
