"""The laws of strength. The fold is written here a second time, in SQL, and has to come to the same row."""

from wufu.db import Law
from wufu.ties.strength.model import (
    DAY,
    DECAY,
    DECAY_BITS,
    FADING_GAPS,
    FIRST_GAP,
    GAPS_LONG,
    GAPS_USUAL,
    HALF_LIFE,
    KINDS,
    MOST_HALVINGS,
    MOST_RUN,
    RUN_TO_RECOVER,
    SCALE,
    SILENT_GAPS,
    YOUNG_DAYS,
)

SAMPLE = 20_000
"""About so many pairs of a large table are folded anew in an audit; others every day. Of a small one, all."""

_KINDS = ", ".join(f"({code}, {weight}, {unit})" for code, weight, unit in KINDS.values())
_DECAY = f"('{{{','.join(map(str, DECAY))}}}'::bigint[])"


def _bits(count: str) -> str:
    """How many doublings: int.bit_length of a count below 2^20."""
    return f"length(ltrim(({count})::int::bit(20)::text, '0'))"


def _mass(side: str) -> str:
    return f"{SCALE} * sum(k.weight * {_bits(f'act.{side} / k.unit')})"


def _decayed(sum_: str) -> str:
    halvings = f"x.gone / {HALF_LIFE}"
    left = f"w.{sum_} * {_DECAY}[x.gone % {HALF_LIFE} + 1] >> ({DECAY_BITS} + {halvings})::int"
    return f"CASE WHEN {halvings} < {MOST_HALVINGS} THEN {left} ELSE 0 END"


def _followed(usual: str, most: int) -> str:
    among = f"least(w.days + 1, {most})"
    seen = f"least(x.gone * {DAY}, {SILENT_GAPS} * w.{usual})"
    return f"greatest({DAY}, (w.{usual} * ({among} - 1) + {seen}) / {among})"


_RISEN = f"""CASE
    WHEN w.before = 'silent' THEN 'fading'
    WHEN w.before = 'fading' THEN
        CASE WHEN w.run >= {RUN_TO_RECOVER} AND 3 * w.gap <= 4 * w.pace THEN 'steady' ELSE 'fading' END
    WHEN w.gap >= 2 * w.pace THEN 'fading'
    WHEN w.before = 'growing' THEN
        CASE WHEN w.days < {YOUNG_DAYS} OR 4 * w.gap <= 3 * w.pace THEN 'growing' ELSE 'steady' END
    WHEN 2 * w.gap <= w.pace AND w.run >= {RUN_TO_RECOVER} THEN 'growing'
    ELSE 'steady' END"""

_FOLDED = f"""
    WITH RECURSIVE size AS (
        SELECT greatest(1, reltuples::bigint / {SAMPLE}) AS slices FROM pg_class
        WHERE oid = 'tie_strength'::regclass
    ), turn AS (
        SELECT slices, CASE slices WHEN 1 THEN 0
                       ELSE (SELECT max(last_day) - '2000-01-01' FROM tie_strength) % slices END AS slice
        FROM size
    ), picked AS MATERIALIZED (
        SELECT s.* FROM tie_strength AS s, turn
        WHERE turn.slices = 1 OR (s.a % turn.slices * 31 + s.b) % turn.slices = turn.slice
    ), daily AS (
        SELECT act.a, act.b, act.day, {_mass("ab")} AS ab, {_mass("ba")} AS ba
        FROM picked JOIN tie_act AS act USING (a, b)
        JOIN (VALUES {_KINDS}) AS k (code, weight, unit) ON k.code = act.kind
        GROUP BY act.a, act.b, act.day
    ), listed AS MATERIALIZED (
        SELECT a, b, count(*) AS many, array_agg(day ORDER BY day) AS days,
               array_agg(ab ORDER BY day) AS abs, array_agg(ba ORDER BY day) AS bas
        FROM daily WHERE ab + ba > 0 GROUP BY a, b
    ), walk AS (
        SELECT a, b, 1 AS days, days[1] AS first_day, days[1] AS last_day, 0::bigint AS squares,
               {FIRST_GAP}::bigint AS gap, {FIRST_GAP}::bigint AS pace, 1 AS run, 'growing' AS before,
               abs[1]::bigint AS ab, bas[1]::bigint AS ba
        FROM listed
        UNION ALL
        SELECT w.a, w.b, w.days + 1, w.first_day, x.day, w.squares + x.gone * x.gone,
               {_followed("gap", GAPS_USUAL)}, {_followed("pace", GAPS_LONG)},
               CASE WHEN x.gone * {DAY} > {FADING_GAPS} * x.usual THEN 1
                    ELSE least(w.run + 1, {MOST_RUN}) END,
               CASE WHEN x.gone * {DAY} > {SILENT_GAPS} * x.usual THEN 'silent'
                    WHEN x.gone * {DAY} > {FADING_GAPS} * x.usual THEN 'fading'
                    ELSE {_RISEN} END,
               {_decayed("ab")} + x.ab, {_decayed("ba")} + x.ba
        FROM walk AS w JOIN listed AS l ON l.a = w.a AND l.b = w.b AND l.many > w.days
        CROSS JOIN LATERAL (
            SELECT l.days[w.days + 1] AS day,
                   l.abs[w.days + 1]::bigint AS ab, l.bas[w.days + 1]::bigint AS ba,
                   (l.days[w.days + 1] - w.last_day)::bigint AS gone, greatest(w.gap, w.pace) AS usual
        ) AS x
    ), folded AS (
        SELECT w.* FROM walk AS w JOIN listed AS l ON l.a = w.a AND l.b = w.b AND l.many = w.days
    )
"""

LAWS = (
    Law(
        "the strength of a pair is what its acts make, folded from scratch",
        f"""
        {_FOLDED}
        SELECT p.a, p.b, p.days AS kept_days, f.days, p.ab AS kept_ab, f.ab, p.ba AS kept_ba, f.ba,
               p.before AS kept_before, f.before, p.gap AS kept_gap, f.gap
        FROM picked AS p LEFT JOIN folded AS f ON f.a = p.a AND f.b = p.b
        WHERE CASE WHEN f.a IS NULL THEN p.days <> 0
              ELSE (p.days, p.first_day, p.last_day, p.squares, p.gap, p.pace, p.run, p.before, p.ab, p.ba)
                   IS DISTINCT FROM
                   (f.days, f.first_day, f.last_day, f.squares, f.gap, f.pace, f.run, f.before, f.ab, f.ba)
              END
        """,
    ),
    Law(
        "who did something with whom has a strength, and the other way round",
        """
        SELECT coalesce(act.a, s.a) AS a, coalesce(act.b, s.b) AS b
        FROM (SELECT DISTINCT a, b FROM tie_act) AS act
        FULL JOIN tie_strength AS s ON s.a = act.a AND s.b = act.b
        WHERE act.a IS NULL OR s.a IS NULL
        """,
    ),
)
