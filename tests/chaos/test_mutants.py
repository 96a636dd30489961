"""Each rule switched off is noticed in its scenario, and the code as it is passes the same scenario."""

from pathlib import Path

import pytest

from tests.chaos.mutants import MUTANTS, Mutant, outcome

pytestmark = pytest.mark.slow
SCENARIOS = {mutant.scenario: mutant for mutant in MUTANTS}


@pytest.mark.parametrize("mutant", SCENARIOS.values(), ids=lambda mutant: mutant.scenario.__name__)
def test_the_code_as_it_is_passes(mutant: Mutant, tmp_path: Path) -> None:
    assert outcome(mutant, tmp_path, mutated=False) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_mutant_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    violations = outcome(mutant, tmp_path, mutated=True)
    assert [one for one in violations if one.startswith(mutant.caught_by)]
