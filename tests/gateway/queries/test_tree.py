"""Alignment as a tree, whatever the graph looks like."""

from collections import defaultdict
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from gateway.queries.tree import DEEPEST, Forest, Line, Node


def forest(names: str, *lines: str, measures: str = "") -> Forest:
    """Objectives by letter, lines as `child>parent`, key results as `objective:key result`."""
    key_results: defaultdict[str, list[Node]] = defaultdict(list)
    for measure in measures.split():
        objective, name = measure.split(":")
        key_results[objective].append({"id": name})
    drawn = [Line(*line.split(">"), "contributes", 1) for line in lines]
    return Forest({name: {"id": name} for name in names}, key_results, drawn)


def drawn(nodes: list[Node]) -> str:
    """Trees as text: children in parentheses, `*` for a repetition, `+n` for what is hidden."""
    return " ".join(one(node) for node in nodes)


def one(node: Node) -> str:
    below = drawn(node["objectives"])
    measured = " ".join(f"{m['id']}[{drawn(m['objectives'])}]" for m in node["key_results"])
    inside = " ".join(filter(None, [measured, below]))
    marks = "*" * node["repeated"] + (f"+{node['hidden']}" if node["hidden"] else "")
    return f"{node['id']}{marks}" + (f"({inside})" if inside else "")


def test_those_without_a_parent_are_the_tops() -> None:
    assert drawn(forest("abcd", "b>a", "c>a").trees(DEEPEST)) == "a(b c) d"


def test_children_may_hang_on_key_results() -> None:
    assert drawn(forest("abc", "b>k", "c>a", measures="a:k a:l").trees(DEEPEST)) == "a(k[b] l[] c)"


def test_one_with_two_parents_stands_under_each_and_says_so() -> None:
    trees = forest("abc", "c>a", "c>b").trees(DEEPEST)
    assert drawn(trees) == "a(c) b(c*)"
    assert [tree["objectives"][0]["also_under"] for tree in trees] == [["b"], ["a"]]


def test_what_is_below_one_with_two_parents_is_written_out_once() -> None:
    assert drawn(forest("abcd", "c>a", "c>b", "d>c").trees(DEEPEST)) == "a(c(d)) b(c*+1)"


def test_depth_counts_levels_of_objectives_and_the_rest_is_counted() -> None:
    graph = ("abcde", "b>a", "c>b", "d>b", "e>d")
    assert drawn(forest(*graph).trees(1)) == "a+1"
    assert drawn(forest(*graph).trees(2)) == "a(b+2)"
    assert drawn(forest(*graph).trees(3)) == "a(b(c d+1))"


def test_key_results_of_the_last_level_are_shown_without_what_hangs_on_them() -> None:
    assert drawn(forest("ab", "b>k", measures="a:k").trees(1)) == "a+1(k[])"


def test_a_circle_is_shown_rather_than_lost() -> None:
    assert drawn(forest("abc", "a>b", "b>a").trees(DEEPEST)) == "c a(b(a*+1))"


def test_a_line_to_itself_does_no_harm() -> None:
    assert drawn(forest("a", "a>a").trees(DEEPEST)) == "a(a*+1)"


def test_two_lines_between_the_same_two_are_both_there() -> None:
    assert drawn(forest("ab", "b>a", "b>k", measures="a:k").trees(DEEPEST)) == "a(k[b] b*)"


def test_the_line_says_how_it_counts() -> None:
    (tree,) = forest("ab", "b>a").trees(DEEPEST)
    assert tree["alignment"] is None
    assert tree["objectives"][0]["alignment"] == {"kind": "contributes", "weight": 1}


def test_a_graph_of_many_diamonds_stays_small() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    pairs = list(zip(letters[2::2], letters[3::2], letters[0::2], letters[1::2], strict=False))
    lines = [f"{child}>{parent}" for c, d, a, b in pairs for child in (c, d) for parent in (a, b)]
    trees = forest(letters, *lines).trees(DEEPEST)
    assert len(list(everywhere(trees))) == len(lines) + 2


def everywhere(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from everywhere(node["objectives"])
        for measure in node["key_results"]:
            yield from everywhere(measure["objectives"])


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_every_objective_and_every_line_is_shown_in_any_graph(graph: tuple[int, set[tuple[int, int]]]) -> None:
    count, pairs = graph
    names = "abcdefghijkl"[:count]
    lines = [f"{names[child]}>{names[parent]}" for child, parent in pairs]
    shown = list(everywhere(forest(names, *lines).trees(DEEPEST)))
    assert {node["id"] for node in shown} == set(names)
    assert sum(node["alignment"] is not None for node in shown) == len(lines)
    assert sum(not node["repeated"] for node in shown) == count
