"""Strategies for native items: everything a layout can say, with values for all columns of each item."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from cairn.exchange.layouts.links import Parent, Stage
from cairn.exchange.layouts.native import CHECK_IN, CYCLE, KEY_RESULT, METRICS, OBJECTIVE, Item

ALPHABET = st.sampled_from("ab0'\"=+-@|;:,\\ ＝é漢\U0001f3d4")  # noqa: RUF001 - what spreadsheets and joins trip over
LINE = st.text(ALPHABET, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
ID = LINE.map(str.strip)
LINES = st.text(st.one_of(ALPHABET, st.sampled_from("\n\t\r")), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip())
)
DAYS = st.dates(date(1970, 1, 1), date(2100, 1, 1))
QUANTITIES = st.decimals(-(10**12), 10**12, places=4)
WEIGHTS = st.decimals(0, 100, places=2)
SHARES = st.decimals(0, 1, places=2)
PARENTS = st.lists(
    st.builds(
        Parent,
        ID,
        st.sampled_from([None, OBJECTIVE, KEY_RESULT]),
        st.sampled_from(["contributes", "supports"]),
        WEIGHTS,
    ),
    max_size=3,
).map(tuple)
STAGES = st.lists(st.builds(Stage, ID, LINE, WEIGHTS), max_size=3).map(tuple)
ATTRIBUTES = st.dictionaries(ID, LINES, max_size=3)
IDS = st.lists(ID, max_size=3).map(tuple)


def item(kind: str, /, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[Item]:
    """Items of a kind with these values."""
    return st.fixed_dictionaries(columns).map(lambda values: Item(kind, values))


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


CYCLES = item(
    CYCLE,
    external_id=maybe(ID),
    name=ID,
    starts_on=DAYS,
    ends_on=DAYS,
    state=st.sampled_from(["planned", "active", "closed"]),
)
OBJECTIVES = item(
    OBJECTIVE,
    external_id=ID,
    cycle=ID,
    title=LINE,
    description=maybe(LINES),
    owner=ID,
    co_owners=IDS,
    kind=st.sampled_from(["committed", "aspirational"]),
    state=st.sampled_from(["draft", "active", "closed"]),
    parents=PARENTS,
    grade=maybe(SHARES),
    grade_note=maybe(LINES),
    attributes=ATTRIBUTES,
)
KEY_RESULTS = item(
    KEY_RESULT,
    external_id=ID,
    objective=ID,
    title=LINE,
    owner=maybe(ID),
    metric=st.sampled_from(METRICS),
    unit=st.sampled_from(["number", "percent", "currency"]),
    currency=maybe(st.sampled_from(["EUR", "CHF"])),
    start=maybe(QUANTITIES),
    target=maybe(QUANTITIES),
    lower=maybe(QUANTITIES),
    upper=maybe(QUANTITIES),
    milestones=STAGES,
    weight=WEIGHTS,
    attributes=ATTRIBUTES,
)
CHECK_INS = item(
    CHECK_IN,
    external_id=ID,
    key_result=ID,
    as_of=DAYS,
    submitted_at=maybe(
        st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
    ),
    value=maybe(QUANTITIES),
    milestones_done=maybe(IDS.filter(bool)),
    confidence=maybe(SHARES),
    status=st.sampled_from([None, "on_track", "behind", "at_risk"]),
    note=maybe(LINES),
    blockers=maybe(LINES),
    author=maybe(ID),
)
GOALS = st.tuples(
    st.lists(CYCLES, max_size=2), st.lists(OBJECTIVES, max_size=3), st.lists(KEY_RESULTS, max_size=3)
).map(lambda kinds: [one for kind in kinds for one in kind])
