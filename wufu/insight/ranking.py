"""Scores of pairs in a graph of ties: the simple rules, and a learned one over all of them.

For a person u and somebody v who is no friend yet; z runs over their mutual friends, d is the number of ties.

| score | formula | source |
|---|---|---|
| common neighbours | number of z | Newman 2001 |
| Adamic-Adar | Σ 1 / ln d(z) | Adamic, Adar 2003 |
| resource allocation | Σ 1 / d(z) | Zhou, Lü, Zhang 2009 |
| resource allocation / d(v)^¼ | the same, the popular a little lower | measured here |
| Jaccard | number of z / number of friends of either | Jaccard 1901 |
| clustered allocation | Σ c(z) / d(z), c the local clustering coefficient | Wu et al. 2016 |
| overlap there, back, both | Σ o(u, z), Σ o(z, v), Σ o(u, z) o(z, v) | Onnela et al. 2007 |
| walks | Σ ½^k P(u is at v after k steps), k = 2 … 5: a personalised PageRank cut off | Page et al. 1999 |
| resembling friends | Σ cos²(f, v) over u's friends f | item-based filtering |
| spectrum | the 48 largest singular values of the normalised matrix | latent factors |

o(x, y) is the part of the other friends of x and y whom they share; the cosines are of lists of friends, each
weighted by 1 / √d. All is computed in blocks of people, so that memory does not grow with their square.
"""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import svds
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from wufu.insight.reading import Ints, Tell

Floats = NDArray[np.float64]
Scores = dict[str, NDArray[np.float32]]

SIMPLE = ("common neighbours", "Adamic-Adar", "resource allocation", "resource allocation / degree^0.25")
SERVED = "resource allocation / degree^0.25"
PROPOSING = (SERVED, "walks back", "resembling friends", "spectrum")
PROPOSED = (45, 25, 25, 15)
"""Candidates that each of these scores brings for a person; the learned rule orders them."""
STEPS = 5
RANK = 48
CELLS = 4_000_000
"""Of one block and one score: 16 MB."""
TINY = np.float32(1e-20)
"""A score that is no score."""


class Graph(msgspec.Struct, frozen=True):
    """Ties of `people` numbered from 0, and what every score needs of them."""

    people: int
    ties: csr_array
    degrees: Floats

    @classmethod
    def of(cls, people: int, firsts: Ints, seconds: Ints) -> "Graph":
        ones = np.ones(2 * len(firsts), dtype=np.float32)
        places = (np.r_[firsts, seconds], np.r_[seconds, firsts])
        ties = csr_array((ones, places), shape=(people, people))
        return cls(people, ties, np.asarray(ties.sum(axis=1)).ravel().astype(np.float64))


class Block(msgspec.Struct, frozen=True):
    """The scores of some people (`first` and the following) with everybody; -1 with friends and oneself."""

    first: int
    scores: Scores


class Pairs(msgspec.Struct, frozen=True):
    """Pairs (u, v) and a row of features for each."""

    u: Ints
    v: Ints
    features: NDArray[np.float32]


class _Parts(msgspec.Struct, frozen=True):
    """The matrices whose products are the scores."""

    adamic: csr_array
    allocation: csr_array
    clustered: csr_array
    overlap: csr_array
    step: csr_array
    resembling: csr_array
    left: NDArray[np.float32]
    right: NDArray[np.float32]
    clustering: Floats


def _parts(graph: Graph) -> _Parts:
    ties, degrees = graph.ties, graph.degrees
    some = np.maximum(degrees, 1.0)
    with np.errstate(divide="ignore"):
        logs = np.where(degrees > 1, 1 / np.log(np.maximum(degrees, 1.0001)), 0.0)
    mutual = csr_array(ties.multiply(ties @ ties))
    triangles = np.asarray(mutual.sum(axis=1)).ravel()
    clustering = np.where(degrees > 1, triangles / (some * np.maximum(degrees - 1, 1)), 0.0)
    coo = mutual.tocoo()
    either = np.maximum(degrees[coo.row] + degrees[coo.col] - coo.data - 2, 1)
    overlap = csr_array((coo.data / either, (coo.row, coo.col)), shape=ties.shape)
    roots = diags_array(1 / np.sqrt(some))
    lists = csr_array(ties @ roots)
    lengths = np.sqrt(np.asarray(lists.multiply(lists).sum(axis=1)).ravel())
    unit = csr_array(diags_array(1 / np.maximum(lengths, 1e-12)) @ lists)
    alike = csr_array(unit @ unit.T)
    alike.setdiag(0)
    rank = min(RANK, graph.people - 2)
    left, values, right = svds(csr_array(roots @ ties @ roots).astype(np.float64), k=rank, random_state=0)
    return _Parts(
        _scaled(ties, logs),
        _scaled(ties, 1 / some),
        _scaled(ties, clustering / some),
        overlap.astype(np.float32),
        csr_array(diags_array(1 / some) @ ties).astype(np.float32),
        csr_array(alike.multiply(alike)).astype(np.float32),
        (left * values).astype(np.float32),
        right.astype(np.float32),
        clustering,
    )


def _scaled(ties: csr_array, weights: Floats) -> csr_array:
    """Σ over mutual friends z of a weight of z is a row of ties times this."""
    return csr_array(diags_array(weights) @ ties).astype(np.float32)


def blocks(graph: Graph, tell: Tell, what: str) -> Iterator[tuple[Block, _Parts]]:
    """All scores, some people at a time."""
    parts = _parts(graph)
    size = max(1, CELLS // graph.people)
    for first in range(0, graph.people, size):
        tell(what, first, graph.people)
        some = slice(first, min(first + size, graph.people))
        scores = _scores(graph, parts, some)
        friends = graph.ties[some].tocoo()
        for each in scores.values():
            each[friends.row, friends.col] = -1.0
            each[np.arange(len(each)), first + np.arange(len(each))] = -1.0
        yield Block(first, scores), parts
    tell(what, graph.people, graph.people)


def _scores(graph: Graph, parts: _Parts, some: slice) -> Scores:
    ties, degrees = graph.ties, graph.degrees
    mine, overlap = ties[some], parts.overlap[some]
    mutual = (mine @ ties).toarray()
    allocation = (mine @ parts.allocation).toarray()
    either = degrees[some][:, None] + degrees[None, :] - mutual
    scores: Scores = {
        "common neighbours": mutual,
        "Adamic-Adar": (mine @ parts.adamic).toarray(),
        "resource allocation": allocation,
        SERVED: (allocation / np.maximum(degrees, 1.0) ** 0.25).astype(np.float32),
        "Jaccard": (mutual / np.maximum(either, 1)).astype(np.float32),
        "clustered allocation": (mine @ parts.clustered).toarray(),
        "overlap there": (overlap @ ties).toarray(),
        "overlap back": (mine @ parts.overlap).toarray(),
        "overlap both": (overlap @ parts.overlap).toarray(),
        "resembling friends": (mine @ parts.resembling).toarray(),
        "spectrum": parts.left[some] @ parts.right,
    }
    at = parts.step[some].toarray()
    walks = np.zeros_like(at)
    for step in range(2, STEPS + 1):
        at = np.ascontiguousarray((parts.step.T @ at.T).T)
        walks += np.float32(0.5**step) * at
    scores["walks"] = walks
    # A walk back is likely from where few ties lead elsewhere: P(v → u) = P(u → v) d(u) / d(v).
    scores["walks back"] = (walks * degrees[some][:, None] / np.maximum(degrees, 1.0)).astype(np.float32)
    return scores


# --- Candidates and their features ----------------------------------------------------------------


def best(scores: NDArray[np.float32], most: int) -> Ints:
    """The places of the `most` highest scores above 0, the highest first, equal ones by their number."""
    most = min(most, len(scores))
    floor = max(np.partition(scores, len(scores) - most)[len(scores) - most], TINY)
    places = np.flatnonzero(scores >= floor)
    return places[np.argsort(-scores[places], kind="stable")][:most]


def candidates(block: Block) -> tuple[Ints, Ints]:
    """Whom each of the block's people could be suggested: (u, v) in order, u as places in the block."""
    proposed = np.zeros_like(block.scores[SERVED], dtype=bool)
    for name, most in zip(PROPOSING, PROPOSED, strict=True):
        scores = block.scores[name]
        place = max(scores.shape[1] - most, 0)
        floors = np.partition(scores, place, axis=1)[:, place]
        proposed |= scores >= np.maximum(floors, TINY)[:, None]
    u, v = np.nonzero(proposed)
    return u.astype(np.int64), v.astype(np.int64)


def features(graph: Graph, block: Block, parts: _Parts, u: Ints, v: Ints) -> NDArray[np.float32]:
    """All scores of some pairs, also as parts of the best that u has; degrees and clustering of both."""
    columns: list[Floats | NDArray[np.float32]] = []
    for scores in block.scores.values():
        values, tops = scores[u, v], np.maximum(scores.max(axis=1), TINY)
        columns += [values, values / tops[u]]
    whole = u + block.first
    columns += [graph.degrees[whole], graph.degrees[v], parts.clustering[whole], parts.clustering[v]]
    return np.stack(columns, axis=1).astype(np.float32)


class Ranker:
    """A learned order: the chance that a candidate is a tie that was hidden, by boosted trees."""

    def __init__(self) -> None:
        self._trees = HistGradientBoostingClassifier(
            learning_rate=0.08,
            max_iter=160,
            max_leaf_nodes=24,
            min_samples_leaf=60,
            l2_regularization=2.0,
            random_state=0,
        )

    def learn(self, known: Sequence[NDArray[np.float32]], hidden: Sequence[NDArray[np.bool_]]) -> None:
        # One thread: with more, and somebody else at work, they wait for each other.
        with threadpool_limits(1):
            self._trees.fit(np.concatenate(known), np.concatenate(hidden))

    def score(self, known: NDArray[np.float32]) -> Floats:
        if not len(known):
            return np.zeros(0)
        with threadpool_limits(1):
            return np.asarray(self._trees.predict_proba(known)[:, 1], dtype=np.float64)
