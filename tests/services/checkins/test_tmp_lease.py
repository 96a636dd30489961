from chassis import lease, replica
from chassis.tables import TEAMS
def test_lease(world):
    with world.db.writing() as s: a=lease.acquire(s,"relay","one",60)
    with world.db.writing() as s: b=lease.acquire(s,"relay","two",60)
    with world.db.writing() as s:
        row=dict(id="t",version=2,name="n",archived=False)
        c=replica.upsert(s,TEAMS,row); d=replica.upsert(s,TEAMS,{**row,"version":1})
    assert (a,b,c,d)==(True,False,True,False)
