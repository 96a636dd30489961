import sys; sys.path.insert(0,'/tmp')

sys.argv=["x","none"]
import perf_people
def test_pg(postgres):
    with postgres.database() as url: perf_people.run(url)
