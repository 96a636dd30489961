"""`make chaos`: Cairn on a real Kafka and PostgreSQL, used and broken at once; then the invariants are checked.

python -m tests.chaos --seed 1 --seconds 60          one run
python -m tests.chaos --seed 1 2 3                   several, one after the other
python -m tests.chaos --mutants                      each rule switched off must be noticed
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.nemesis import FAULTS


def main() -> int:
    arguments = _arguments()
    if arguments.mutants:
        from tests.chaos.mutants import main as all_mutants

        return all_mutants(_say)
    return max(_run(seed, arguments.seconds, arguments.faults, arguments.mutant) for seed in arguments.seed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, nargs="+", default=[int(time.time()) % 10_000])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the load and the faults last")
    parser.add_argument("--faults", type=_faults, default=list(FAULTS), help=f"some of {', '.join(FAULTS)}")
    parser.add_argument("--mutants", action="store_true", help="switch off one rule after the other instead")
    parser.add_argument("--mutant", choices=["offset-first", "marked-first"], default="", help="of the workers")
    return parser.parse_args()


def _faults(text: str) -> list[str]:
    names = text.split(",") if text else []
    if unknown := set(names) - FAULTS.keys():
        raise argparse.ArgumentTypeError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")
    return names


def _run(seed: int, seconds: float, faults: list[str], mutant: str) -> int:
    from tests.chaos.running import run

    folder = Path(tempfile.mkdtemp(prefix=f"cairn-chaos-{seed}-"))
    report = run(folder, seed, seconds, faults, _say, mutant)
    _say(f"{len(report.faults)} faults")
    _say(f"attempts {dict(report.types)}, statuses {dict(sorted(report.statuses.items()))}")
    _say(", ".join(f"{name} {value}" for name, value in report.figures.items()))
    for violation in report.violations[:50]:
        _say(f"  VIOLATED {violation}")
    verdict = f"{len(report.violations)} violations" if report.violations else "I1-I7 hold"
    _say(f"seed {seed}: {verdict}; history and logs in {folder}")
    return 1 if report.violations else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
