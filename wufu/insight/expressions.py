"""What became of ties, as Ibis expressions: one source, which DuckDB runs here and Spark on a cluster.

Every function takes the table of facts (the columns of `parquet.SCHEMA`) and gives an expression. Only whole
numbers, words and truth values take part, and days are numbers, so that both engines must agree to the last
row. No expression names a person: what comes out are counts and sums.

The rule. A tie born on day t is **alive at D** if each of the two did something towards the other, of their
own accord, on a day after t + D // 2 and up to t + D, and the friendship did not end up to t + D. So at 7:
days 4 to 7; at 30: days 16 to 30; at 90: days 46 to 90. What a campaign triggered (a card given, swapped, a
cash packet passed on) is no proof of life, and neither is what was said to a group. A tie is asked only when
day t + D is over. The window is the later half of a tie's life so far: what was done in the excitement of
the first days does not count for long, and it needs no look beyond D, so nothing is censored.
"""

import ibis
from ibis.expr import types as ir

WITHIN = 30
"""Days after birth in which an act both ways makes a tie reciprocal."""
NO_PROOF = ("part",)
"""Acts that are towards nobody in particular."""


def births(facts: ir.Table) -> ir.Table:
    """Each tie once: a, b, day, cause. Two who make it up again are no new tie."""
    born = facts.filter((facts.kind == "tie_born") & (facts.flag.isnull() | facts.flag))
    born = born.mutate(x=ibis.least(born.a, born.b), y=ibis.greatest(born.a, born.b))
    # A tie that was back-filled and heard has the same moment; one that was made twice its first.
    return born.group_by(["x", "y"]).agg(day=born.day.min(), cause=born.word.min())


def born_each_day(facts: ir.Table) -> ir.Table:
    """Ties born: day, cause, ties."""
    born = births(facts)
    return born.group_by(["day", "cause"]).agg(ties=born.count()).order_by(["day", "cause"])


def own_acts(facts: ir.Table) -> ir.Table:
    """Acts of people's own accord by tie and day: x < y, day, and how many there and back."""
    acts = facts.filter(
        (facts.kind == "act") & facts.campaign.isnull() & facts.b.notnull() & facts.word.notin(NO_PROOF)
    )
    acts = acts.mutate(x=ibis.least(acts.a, acts.b), y=ibis.greatest(acts.a, acts.b))
    acts = acts.mutate(
        there=(acts.a == acts.x).ifelse(acts["count"], 0), back=(acts.a == acts.x).ifelse(0, acts["count"])
    )
    return acts.group_by(["x", "y", "day"]).agg(there=acts.there.sum(), back=acts.back.sum())


def ends(facts: ir.Table) -> ir.Table:
    """Days on which a friendship ended: both are gone from each other's list at the same moment."""
    gone = facts.filter((facts.kind == "tie_ended") & facts.b.notnull())
    gone = gone.mutate(x=ibis.least(gone.a, gone.b), y=ibis.greatest(gone.a, gone.b), ended=gone.day)
    sides = gone.group_by(["x", "y", "ended"]).agg(sides=gone.a.nunique())
    return sides.filter(sides.sides == 2)


def lives(facts: ir.Table, days: int, until: int) -> ir.Table:
    """Of each tie whose day `days` is over by day `until`: x, y, day, cause, alive (0 or 1)."""
    born = births(facts)
    born = born.filter(born.day + days <= until)
    acts = own_acts(facts)
    seen = born.join(
        acts,
        (born.x == acts.x)
        & (born.y == acts.y)
        & (acts.day > born.day + days // 2)
        & (acts.day <= born.day + days),
        rname="act_{name}",
    )
    spoke = seen.group_by(["x", "y"]).agg(there=seen.there.sum(), back=seen.back.sum())
    over = ends(facts)
    over = born.join(
        over,
        (born.x == over.x) & (born.y == over.y) & (over.ended >= born.day) & (over.ended <= born.day + days),
        rname="end_{name}",
    )
    over = over.group_by(["x", "y"]).agg(ended=over.ended.min())
    told = born.left_join(spoke, ["x", "y"], rname="spoke_{name}")
    told = told.select("x", "y", "day", "cause", "there", "back")
    told = told.left_join(over, ["x", "y"], rname="over_{name}")
    alive = (told.there.coalesce(0) > 0) & (told.back.coalesce(0) > 0) & told.ended.isnull()
    return told.select("x", "y", "day", "cause", alive=alive.ifelse(1, 0))


def rewarded_ties(facts: ir.Table, campaign: str | None) -> ir.Table:
    """Ties that counted towards a reward of one of the two: x, y."""
    counted = facts.filter((facts.kind == "counted") & facts.flag & facts.b.notnull())
    if campaign is not None:
        counted = counted.filter(counted.campaign == campaign)
    return counted.select(
        x=ibis.least(counted.a, counted.b), y=ibis.greatest(counted.a, counted.b)
    ).distinct()


def alive_by_reward(facts: ir.Table, days: int, until: int, campaign: str | None = None) -> ir.Table:
    """Ties that counted towards a reward (rewarded 1) and others (0): how many there are, how many live."""
    told = lives(facts, days, until)
    paid = rewarded_ties(facts, campaign).mutate(rewarded=ibis.literal(1))
    told = told.left_join(paid, ["x", "y"], rname="paid_{name}")
    told = told.mutate(rewarded=told.rewarded.coalesce(0))
    return told.group_by("rewarded").agg(ties=told.count(), alive=told.alive.sum()).order_by("rewarded")


def reciprocity(facts: ir.Table, until: int) -> ir.Table:
    """One row: ties with acts of their own accord within 30 days of birth, and those with acts both ways."""
    born = births(facts)
    born = born.filter(born.day + WITHIN <= until)
    acts = own_acts(facts)
    seen = born.join(
        acts,
        (born.x == acts.x) & (born.y == acts.y) & (acts.day >= born.day) & (acts.day <= born.day + WITHIN),
        rname="act_{name}",
    )
    each = seen.group_by(["x", "y"]).agg(there=seen.there.sum(), back=seen.back.sum())
    both = ((each.there > 0) & (each.back > 0)).ifelse(1, 0)
    return each.agg(ties=each.count(), both_ways=both.sum().coalesce(0))


def window(facts: ir.Table, campaign: str) -> ir.Table:
    """One row, the days on which ties of a campaign are born: from the first player who joined until the
    last friend that was counted, or the last who joined; nothing where nobody joined.
    """
    mine = facts.filter((facts.campaign == campaign) & facts.kind.isin(["joined", "counted"]))
    first = (mine.kind == "joined").ifelse(mine.day, ibis.null("int32"))
    return mine.agg(first=first.min(), last=mine.day.max())


def sums_by_group(facts: ir.Table, campaign: str, days: int, until: int, first: int, last: int) -> ir.Table:
    """What a confidence interval needs of players and hold-out, from ties born on days `first` to `last`.

    held_out (0, 1), people, and sums over people of: living ties, born ties, their squares and product.
    """
    players = facts.filter((facts.kind == "joined") & (facts.campaign == campaign))
    players = players.group_by("a").agg(held_out=players.flag.ifelse(1, 0).max())
    told = lives(facts, days, until)
    told = told.filter((told.day >= first) & (told.day <= last))
    sides = told.select(person=told.x, alive=told.alive).union(told.select(person=told.y, alive=told.alive))
    each = sides.group_by("person").agg(born=sides.count(), alive=sides.alive.sum())
    mine = players.left_join(each, players.a == each.person)
    mine = mine.select("held_out", born=mine.born.coalesce(0), alive=mine.alive.coalesce(0))
    return (
        mine.group_by("held_out")
        .agg(
            people=mine.count(),
            alive=mine.alive.sum(),
            born=mine.born.sum(),
            alive_squared=(mine.alive * mine.alive).sum(),
            born_squared=(mine.born * mine.born).sum(),
            alive_born=(mine.alive * mine.born).sum(),
        )
        .order_by("held_out")
    )
