"""What an operator does with a case: clear it, confirm it, or lift a confirmed one; open one by hand.

Every decision is kept, with who made it and why. Clearing people sets their rewards free at once and keeps
the same evidence from being held against them again.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from wufu.core.ids import PersonId
from wufu.core.refusals import NotAllowed, UnknownPerson
from wufu.db import Connection, Fact, Only, Tx, wait_lock
from wufu.people import see_people
from wufu.trust.model import (
    BadWords,
    Case,
    Decided,
    NotDecidable,
    State,
    Suspect,
    Suspicion,
    UnknownCase,
    Verdict,
    Waiting,
    clean_words,
)
from wufu.trust.store import cases
from wufu.trust.verbs.detecting import suspect
from wufu.trust.words import explain

OPERATOR = "operator/"
MOST_SHOWN = 200

BEFORE: dict[Verdict, State] = {"clear": "open", "confirm": "open", "lift": "confirmed"}
AFTER: dict[Verdict, State] = {"clear": "cleared", "confirm": "confirmed", "lift": "cleared"}


async def decide(
    tx: Tx, case: UUID, verdict: Verdict, why: str, people: Sequence[PersonId] | None = None
) -> Decided:
    """Decide a case, or (clear, lift) only for some of its people; `tx.actor` is `operator/…`.

    `clear` an open case: nothing was wrong. `confirm` an open one: rewards stay held. `lift` a confirmed one:
    it was wrong after all. Whom no other case holds is free: announces `trust.cleared` {people, at}. The same
    decision again changes nothing. Refusals: not_allowed, unknown_case, not_decidable, unknown_person,
    bad_words.
    """
    if not tx.actor.startswith(OPERATOR):
        raise NotAllowed(actor=tx.actor)
    why = clean_words(why)
    await wait_lock(tx, Only.TRUST)
    row = await cases.case_row(tx.connection, case)
    if row is None:
        raise UnknownCase(case=str(case))
    if row["state"] == AFTER[verdict]:
        return Decided(case, row["state"], [])
    if row["state"] != BEFORE[verdict]:
        raise NotDecidable(state=row["state"], verdict=verdict)
    remaining = {
        one["person"] for one in await cases.suspects(tx.connection, case) if one["released_at"] is None
    }
    chosen = sorted(remaining if people is None else set(people))
    if missing := sorted(set(chosen) - remaining):
        raise UnknownPerson(person=missing[0])
    whole = set(chosen) == remaining
    if verdict == "confirm" and not whole:
        # Who is not meant is cleared first, by name: a confirmation is of everybody who is left.
        raise NotDecidable(state=row["state"], verdict=verdict)
    await cases.insert_decision(tx.connection, case, verdict, tx.actor, why, chosen, tx.now)
    if whole:
        await cases.set_state(tx.connection, case, AFTER[verdict], tx.now)
    released: list[PersonId] = []
    if verdict != "confirm":
        await cases.release(tx.connection, case, chosen, tx.now)
        await cases.put_pardons(tx.connection, chosen, row["kind"], tx.now)
        released = sorted(set(chosen) - await cases.held(tx.connection, chosen))
    if released:
        tx.announce(Fact("trust.cleared", {"people": released, "at": tx.now}))
    return Decided(case, AFTER[verdict] if whole else row["state"], released)


async def suspect_by_hand(tx: Tx, people: Sequence[PersonId], why: str) -> UUID:
    """An operator opens a case about people; the case. Refusals: not_allowed, unknown_person, bad_words."""
    if not tx.actor.startswith(OPERATOR):
        raise NotAllowed(actor=tx.actor)
    why = clean_words(why)
    chosen = tuple(sorted(set(people)))
    known = await see_people(tx.connection, chosen)
    if not chosen:
        raise BadWords(most=0)
    for person in chosen:
        if person not in known:
            raise UnknownPerson(person=person)
    subject = f"hand/{tx.chance.uuid7(tx.now)}"
    since = await cases.pardons(tx.connection, "hand", chosen)
    await suspect(tx, [Suspicion("hand", subject, chosen, {"why": why, "by": tx.actor})], since)
    # Who is in such a case already stays with that one.
    by_person = await cases.cases_by(tx.connection, "hand", chosen)
    return await cases.open_case_on(tx.connection, "hand", subject) or by_person[chosen[0]][0]


# --- Seeing ---------------------------------------------------------------------------------------


async def held(connection: Connection, people: Iterable[PersonId]) -> set[PersonId]:
    """Those of the people whose rewards are held at this instant: suspects of open and confirmed cases."""
    asked = set(people)
    return await cases.held(connection, asked) if asked else set()


async def see_queue(
    connection: Connection, states: Sequence[State] = ("open",), most: int = MOST_SHOWN
) -> list[Waiting]:
    """Cases that wait for an operator: those in which somebody asked for a review first, then the largest."""
    return await cases.queue(connection, states, max(0, min(most, MOST_SHOWN)))


async def see_case(connection: Connection, case: UUID) -> Case:
    """A case with its people, evidence in plain words, and decisions. Refusal unknown_case."""
    row = await cases.case_row(connection, case)
    if row is None:
        raise UnknownCase(case=str(case))
    rows = await cases.suspects(connection, case)
    views = await see_people(connection, [one["person"] for one in rows])
    suspects = [
        Suspect(
            one["person"],
            views[one["person"]].name if one["person"] in views else "",
            one["held_at"],
            one["released_at"],
            one["asked_at"],
            one["words"],
        )
        for one in rows
    ]
    return Case(
        row["id"],
        row["kind"],
        row["subject"],
        row["state"],
        row["opened_at"],
        row["decided_at"],
        row["evidence"],
        explain(row["kind"], row["evidence"]),
        suspects,
        await cases.decisions(connection, case),
    )


async def see_report(connection: Connection) -> dict[str, object]:
    """How many cases of each kind are open, confirmed and cleared, and how many people are held.

    `right` is confirmed / (confirmed + cleared) of a kind: what operators made of its suspicions.
    """
    counted = dict(await cases.counts(connection))
    people = counted.pop("people")
    kinds: dict[str, object] = {}
    for kind, states in sorted(counted.items()):
        confirmed, cleared = states.get("confirmed", 0), states.get("cleared", 0)
        decided = confirmed + cleared
        kinds[kind] = {
            "open": states.get("open", 0),
            "confirmed": confirmed,
            "cleared": cleared,
            "right": round(confirmed / decided, 3) if decided else None,
        }
    return {"held": people["held"], "kinds": kinds}
