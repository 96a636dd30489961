"""`cairn` with one rule switched off: `python -m tests.chaos.mutated NAME worker goals`."""

import sys

from cairn.cli import main
from tests.chaos.mutants import OF_PROCESSES

if __name__ == "__main__":
    with OF_PROCESSES[sys.argv.pop(1)]():
        main()
