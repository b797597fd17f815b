"""Passing cash on: a cash win carries an equal packet for one friend."""

from collections.abc import Sequence

from wufu.core.ids import GroupId, PersonId
from wufu.core.refusals import Refusal
from wufu.db import Fact, Tx
from wufu.fortune.model import (
    CashPassed,
    PassCash,
    derived_id,
    passing_account,
)
from wufu.fortune.refusals import (
    CashAlreadyPassed,
    NotFriends,
    UnknownCampaign,
    UnknownCash,
)
from wufu.fortune.store import campaigns as campaign_store
from wufu.fortune.store import exchange as store
from wufu.fortune.verbs.exchange import refuse_unless_running
from wufu.ledger import Group, Transfer, balances, post
from wufu.people import see_people
from wufu.ties import are_friends
from wufu.wallet import money_of


async def pass_cash(tx: Tx, passes: Sequence[PassCash]) -> list[CashPassed | Refusal]:
    """Pass the equal packets of cash wins to friends, once each. Refusals: unknown_campaign,
    campaign_not_running, unknown_cash, not_friends, cash_already_passed.
    """
    campaigns = await campaign_store.share(tx, {one.campaign for one in passes})
    rows = await store.lock_cash(tx, sorted({(one.person, one.id) for one in passes}))
    friends = await are_friends(tx.connection, [(one.person, one.to) for one in passes])
    passed_to: dict[tuple[PersonId, object], PersonId | None] = {
        key: row.passed_to for key, row in rows.items()
    }
    answers: list[CashPassed | Refusal] = []
    fresh: list[tuple[PassCash, store.CashRow]] = []
    for one in passes:
        key = (one.person, one.id)
        row = rows.get(key)
        refusal = refuse_unless_running(campaigns.get(one.campaign), one)
        if isinstance(refusal, UnknownCampaign):
            answers.append(refusal)
        elif row is None or row.campaign != one.campaign:
            answers.append(UnknownCash(id=one.id))
        elif passed_to[key] is not None:
            same = passed_to[key] == one.to
            answers.append(CashPassed(one.id) if same else CashAlreadyPassed(id=one.id))
        elif refusal is not None:
            answers.append(refusal)
        elif (one.person, one.to) not in friends:
            answers.append(NotFriends(person=one.to))
        else:
            passed_to[key] = one.to
            fresh.append((one, row))
            answers.append(CashPassed(one.id))
    if fresh:
        await _pay(tx, fresh)
    return answers


async def _pay(tx: Tx, fresh: Sequence[tuple[PassCash, store.CashRow]]) -> None:
    posted = await post(
        tx,
        [
            Group(
                GroupId(derived_id("pass", row.id)),
                (Transfer(passing_account(row.campaign), money_of(one.to), row.minor, "passed cash"),),
            )
            for one, row in fresh
        ],
    )
    assert not any(isinstance(answer, Refusal) for answer in posted), "set aside when it was won"
    await store.mark_passed(tx, [(one.person, one.id, one.to) for one, _ in fresh])
    views = await see_people(tx.connection, [one.person for one, _ in fresh])
    targets = sorted({one.to for one, _ in fresh})
    purses = dict(
        zip(targets, await balances(tx.connection, [money_of(one) for one in targets]), strict=True)
    )
    for one, row in fresh:
        body = {
            "campaign": row.campaign,
            "id": row.id,
            "minor": row.minor,
            "round": row.round,
            "balance_minor": purses[one.to],
            "from": views[one.person],
        }
        tx.announce(Fact("fortune.cash_came", body, (one.to,)))
