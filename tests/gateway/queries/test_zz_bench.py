import sys, runpy
import pytest
@pytest.mark.postgres
def test_b(postgres):
    sys.path.insert(0,"/tmp")
    with postgres.database() as url:
        sys.argv=["x",url,"400"]
        runpy.run_path("/tmp/gwa_bench.py",run_name="__main__")
