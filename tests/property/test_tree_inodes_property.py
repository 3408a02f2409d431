"""Inode numbers and nodes are the same thing, for every number there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from offliniofs.domain.ids import ContentId, FileId
from offliniofs.domain.listing import Facet, FacetValue
from offliniofs.tree.contexts import ContextRegistry
from offliniofs.tree.inodes import (
    MAX_CONTENT_ID,
    MAX_CONTEXT,
    MAX_FILE_ID,
    MAX_STAGED,
    TRASH,
    FileNode,
    FolderNode,
    Generated,
    GeneratedNode,
    Node,
    StagedNode,
    Static,
    StaticNode,
    UnnamedNode,
    ViewNode,
    decode,
    encode,
)
from offliniofs.tree.plans import resume, section_cookie
from offliniofs.tree.views import MAX_DEPTH, MAX_VALUE, View, numbered_view, parse_view, view_number, view_text

CONTENT_IDS = st.integers(min_value=1, max_value=MAX_CONTENT_ID).map(ContentId)
CONTEXTS = st.integers(min_value=1, max_value=MAX_CONTEXT)
FILE_IDS = st.integers(min_value=1, max_value=MAX_FILE_ID).map(FileId)
NODES: st.SearchStrategy[Node] = st.one_of(
    st.builds(StaticNode, st.sampled_from(Static)),
    st.builds(FileNode, FILE_IDS),
    st.builds(ViewNode, CONTEXTS),
    st.builds(FolderNode, st.just(0) | CONTEXTS, CONTENT_IDS),
    st.builds(GeneratedNode, st.sampled_from([Generated.MOVIE_NFO, Generated.SERIES_NFO]), CONTENT_IDS),
    st.builds(GeneratedNode, st.just(Generated.EPISODE_NFO), FILE_IDS),
    st.builds(FolderNode, st.just(TRASH), CONTENT_IDS),
    st.builds(UnnamedNode, st.just(0) | CONTEXTS, CONTENT_IDS),
    st.builds(StagedNode, st.integers(min_value=1, max_value=MAX_STAGED)),
    st.builds(GeneratedNode, st.sampled_from([Generated.QUERY_ERROR, Generated.SUGGESTION]), CONTEXTS),
)


@given(NODES)
def test_a_node_has_one_number(node: Node) -> None:
    inode = encode(node)
    assert 0 < inode < 1 << 63
    assert decode(inode) == node


@given(
    st.integers()
    | st.integers(min_value=0, max_value=(1 << 64) - 1)
    | st.builds(lambda kind, rest: kind << 56 | rest, st.integers(0, 255), st.integers(0, 1 << 33))
)
def test_a_number_means_one_node_or_nothing(inode: int) -> None:
    node = decode(inode)
    assert node is None or encode(node) == inode


KEYS = st.integers(min_value=1, max_value=MAX_VALUE)
TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=30)


@st.composite
def views(draw: st.DrawFn) -> View:
    view = View(())
    for _ in range(draw(st.integers(min_value=1, max_value=MAX_DEPTH))):
        nested = view.nested(draw(st.sampled_from(Facet)).value)
        if nested is None:
            continue
        view = nested
        if nested.facet is not None:
            key = draw(TEXTS) if nested.facet is Facet.SEARCH else draw(KEYS)
            narrowed = nested.condition(FacetValue(nested.facet, key))
            if narrowed is None:
                break
            view = narrowed
    if draw(st.booleans()):
        view = view.nested(draw(st.sampled_from(Facet)).value) or view
    return view


@given(views().filter(lambda view: bool(view.selection)))
def test_a_view_can_be_written_down_and_read(view: View) -> None:
    assert parse_view(view_text(view)) == view
    number = view_number(view)
    if number is not None:
        assert 0 < number <= MAX_CONTEXT
        assert numbered_view(number) == view


@given(st.text(max_size=60) | st.lists(st.sampled_from([*Facet, "5", "x", ""]), max_size=20).map("/".join))
def test_any_text_is_a_view_or_nothing(text: str) -> None:
    view = parse_view(text)
    assert view is None or view_text(view) == text


@given(st.integers(min_value=0, max_value=MAX_CONTEXT))
def test_a_context_number_is_a_view_or_nothing(number: int) -> None:
    view = numbered_view(number)
    assert view is None or view_number(view) == number


@given(st.lists(views().filter(lambda view: bool(view.selection)), max_size=30), st.integers(min_value=1, max_value=5))
def test_a_registry_is_bounded_and_never_gives_two_views_one_number(wanted: list[View], capacity: int) -> None:
    registry = ContextRegistry(capacity)
    given_out: dict[int, View] = {}
    for view in wanted:
        context = registry.context(view)
        assert registry.view(context) == view
        assert registry.context(view) == context
        assert len(registry) <= capacity
        given_out[context] = view
    for context, view in given_out.items():
        assert registry.view(context) in {view, None}


@given(st.integers(min_value=0, max_value=100), st.integers(min_value=0, max_value=(1 << 48) - 1))
def test_a_cookie_says_where_to_go_on(index: int, key: int) -> None:
    assert resume(section_cookie(index) | key) == (index, key)


@given(st.integers(min_value=0, max_value=(1 << 48) - 1))
def test_an_offset_before_the_first_section_starts_at_the_beginning(offset: int) -> None:
    assert resume(offset) == (0, 0)
