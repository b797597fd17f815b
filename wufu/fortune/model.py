"""Campaign values and pure decisions: no await, no clock, no chance of its own."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from wufu.core.chance import Odds, round_key
from wufu.core.ids import CampaignId, CashId, GroupId, PersonId, person_holder
from wufu.core.refusals import Refusal
from wufu.fortune.refusals import TapOutOfOrder, TooManyTaps
from wufu.fortune.rewards import FriendsForCards
from wufu.ledger import Account, named_group

CampaignState = Literal["draft", "announced", "running", "settling", "settled", "cancelling", "cancelled"]
RoundState = Literal["planned", "open", "paused", "closed"]
SwapState = Literal["offered", "done", "refused", "withdrawn", "gone", "expired"]

TAPS_A_SECOND = 15
TAP_BURST = 30
"""The human limit: a token bucket of 30 taps that fills by 15 a second of campaign time."""

MILLISECOND = timedelta(milliseconds=1)

CAMPAIGN_ID = r"^[a-z0-9][a-z0-9-]{0,39}\Z"
LATEST = datetime.max.replace(tzinfo=UTC)

# What a phone may send. A value outside these never reaches the database, whose own limits are errors.
Person = Annotated[PersonId, msgspec.Meta(ge=1, le=2**63 - 1)]
Counter = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
CampaignName = Annotated[CampaignId, msgspec.Meta(pattern=CAMPAIGN_ID)]
CardName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}\Z")]


def is_campaign_id(text: str) -> bool:
    """Up to 40 lower-case letters, digits and hyphens, the first no hyphen."""
    return re.match(CAMPAIGN_ID, text) is not None


# --- The rules of a campaign ----------------------------------------------------------------------


class Card(msgspec.Struct, frozen=True):
    """One kind of card: its name in the ledger's asset, and for people."""

    id: str
    zh: str
    en: str
    scarce: bool = False


class Prize(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of an odds table, as it is published.

    `upto` is a 64-bit threshold as decimal text. `stock` is the campaign's whole
    stock of the prize; `release` lists (instant, n, d): from that campaign instant
    on, n/d of the stock has been released. `least` and `most` bound a cash amount.
    """

    prize: str
    kind: Literal["card", "cash"]
    upto: str
    stock: int | None = None
    release: list[tuple[datetime, int, int]] | None = None
    least: int | None = None
    most: int | None = None


class RoundSpec(msgspec.Struct, frozen=True):
    """What a round commits to before anybody taps."""

    id: str
    opens_at: datetime
    closes_at: datetime
    odds: list[Prize]
    beacon: dict[str, object] | None = None

    def table(self) -> Odds:
        return Odds(tuple((line.prize, int(line.upto)) for line in self.odds))


class CampaignSpec(msgspec.Struct, frozen=True):
    """The rules of a campaign, from a template and its dials. Times are campaign time.

    `pool_minor` is split at settlement; `cash_minor` feeds the rounds' cash packets.
    Round 0 carries the odds of the cards for new friends.
    """

    title: str
    title_en: str
    template: str
    sponsor: str
    opens_at: datetime
    settles_at: datetime
    pool_minor: int
    cash_minor: int
    cards: tuple[Card, ...]
    friends_for_cards: FriendsForCards
    rounds: tuple[RoundSpec, ...]

    def card(self, name: str) -> Card | None:
        return next((card for card in self.cards if card.id == name), None)


# --- The campaign's clock -------------------------------------------------------------------------


class CampaignClock(msgspec.Struct, frozen=True):
    """An explicit clock: it showed `shown_at` at the real instant `real_at`, and runs at `speed`."""

    shown_at: datetime
    real_at: datetime
    speed: float

    def at(self, now: datetime) -> datetime:
        """The campaign time at a real instant; it never runs backwards, and ends with the calendar."""
        elapsed = max((now - self.real_at).total_seconds(), 0.0)
        try:
            return self.shown_at + timedelta(seconds=elapsed * self.speed)
        except OverflowError:
            return LATEST


class Round(msgspec.Struct, frozen=True):
    """A round as it stands. `secret` is None until it closed; `closes_at` moves when it is paused."""

    campaign: str
    number: int
    state: RoundState
    spec: RoundSpec
    spec_hash: bytes
    commitment: bytes
    opens_at: datetime
    closes_at: datetime
    paused_at: datetime | None
    seeds_root: bytes | None
    players: int | None
    beacon_value: bytes | None
    secret: bytes | None

    def key(self, secret: bytes) -> bytes:
        """The round key; the seeds must be frozen."""
        assert self.seeds_root is not None
        return round_key(secret, self.seeds_root, self.beacon_value or b"", self.spec.id)


class Campaign(msgspec.Struct, frozen=True):
    """A campaign as it stands in this transaction, with its rounds by number."""

    id: CampaignId
    state: CampaignState
    spec: CampaignSpec
    clock: CampaignClock
    opens_at: datetime
    settles_at: datetime
    announced_at: datetime | None
    rounds: dict[int, Round]


# --- Requests and answers of the hot verbs --------------------------------------------------------


class Join(msgspec.Struct, frozen=True):
    """Take part, with a seed made on the phone (64 hexadecimal digits)."""

    person: Person
    campaign: CampaignName
    seed: str


class Joined(msgspec.Struct, frozen=True):
    number: int


class Tap(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """The taps `first` to `first + count - 1` of one player in one round."""

    person: Person
    campaign: CampaignName
    round: Counter
    first: Counter
    count: Counter


class Win(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A tap that hit: what it hit and what came of it. `held` counts the card now."""

    tap: int
    prize: str
    outcome: Literal["card", "cash", "sold out"]
    minor: int | None = None
    held: int | None = None


class Tapped(msgspec.Struct, frozen=True, gc=False):
    """The number of the next tap, and the wins among these."""

    next: int
    wins: tuple[Win, ...]


class Gift(msgspec.Struct, frozen=True):
    """Give one card to a friend, perhaps in answer to a request."""

    person: Person
    id: UUID
    campaign: CampaignName
    to: Person
    card: CardName
    request: UUID | None = None


class Given(msgspec.Struct, frozen=True):
    """How many of the card the giver still holds."""

    held: int


class Ask(msgspec.Struct, frozen=True):
    """Ask for a card: one friend, or whoever the text token reaches."""

    person: Person
    id: UUID
    campaign: CampaignName
    card: CardName
    to: Person | None = None


class Asked(msgspec.Struct, frozen=True):
    id: UUID
    token: str


class Swap(msgspec.Struct, frozen=True):
    """Offer a friend one card for another."""

    person: Person
    id: UUID
    campaign: CampaignName
    to: Person
    gives: CardName
    wants: CardName


class AnswerSwap(msgspec.Struct, frozen=True):
    """Accept or refuse an offer; the one who offered may take it back with `accept: false`."""

    person: Person
    id: UUID
    campaign: CampaignName
    accept: bool


class SwapEnded(msgspec.Struct, frozen=True):
    id: UUID
    state: SwapState


class PassCash(msgspec.Struct, frozen=True):
    """Pass the equal packet of a cash win to one friend."""

    person: Person
    id: UUID
    campaign: CampaignName
    to: Person


class CashPassed(msgspec.Struct, frozen=True):
    id: UUID


# --- Ledger names ---------------------------------------------------------------------------------


def card_asset(campaign: str, card: str) -> str:
    return f"{campaign}/{card}"


def card_account(campaign: str, card: str, person: PersonId) -> Account:
    """A person's cards of one kind."""
    return Account(person_holder(person), "card", card_asset(campaign, card))


def mint_account(campaign: str, prize: str) -> Account:
    """Where cards (and the tickets of a limited cash prize) come from."""
    return Account(f"fortune/{campaign}", "mint", card_asset(campaign, prize), may_overdraw=True)


def stock_account(campaign: str, prize: str) -> Account:
    """The released and not yet won part of a limited prize."""
    return Account(f"fortune/{campaign}", "stock", card_asset(campaign, prize))


def pool_account(campaign: str) -> Account:
    """The prize pool that is split at settlement."""
    return Account(f"fortune/{campaign}", "pool", "CNY")


def paying_account(campaign: str, lane: int) -> Account:
    """A part of the pool on its way to a stretch of winners, from lane 1 on."""
    return Account(f"fortune/{campaign}", f"paying-{lane}", "CNY")


def cash_account(campaign: str) -> Account:
    """The money of the rounds' cash packets."""
    return Account(f"fortune/{campaign}", "cash", "CNY")


def passing_account(campaign: str) -> Account:
    """Cash set aside for packets that winners may still pass on."""
    return Account(f"fortune/{campaign}", "passing", "CNY")


def sponsor_account(sponsor: str) -> Account:
    return Account(f"sponsor/{sponsor}", "money", "CNY")


def derived_id(*parts: object) -> UUID:
    """The id of a ledger group, from what the group is: same parts, same id.

    It makes the server's own acts repeatable: a payout run twice posts once. What a phone asks for is
    named so too and never by the phone's bare id: a gift under the id of somebody's coming payout
    would otherwise stand in that payout's way.
    """
    return named_group("fortune", *map(str, parts))


def win_id(campaign: str, round_number: int, person: PersonId, tap: int) -> GroupId:
    return GroupId(derived_id("win", campaign, round_number, person, tap))


def gift_group(gift: UUID) -> GroupId:
    return GroupId(derived_id("gift", gift))


def swap_group(swap: UUID) -> GroupId:
    return GroupId(derived_id("swap", swap))


def cash_id(campaign: str, round_number: int, person: PersonId, tap: int) -> CashId:
    return CashId(derived_id("cash", campaign, round_number, person, tap))


# --- Pure decisions -------------------------------------------------------------------------------


class Progress(msgspec.Struct, frozen=True, gc=False):
    """How far one player has tapped in one round. Tokens are thousandths of a tap."""

    next: int
    tokens_milli: int
    tokens_at: datetime
    last_first: int
    last_answer: Tapped | None


def fresh_progress(opened_at: datetime) -> Progress:
    return Progress(0, TAP_BURST * 1000, opened_at, -1, None)


def refill(progress: Progress, now: datetime) -> int:
    """The bucket's thousandths of taps at campaign time `now`."""
    passed = max((now - progress.tokens_at) // MILLISECOND, 0)
    return min(TAP_BURST * 1000, progress.tokens_milli + passed * TAPS_A_SECOND)


def decide_taps(progress: Progress, tap: Tap, now: datetime) -> Progress | Tapped | Refusal:
    """The new progress if the batch is accepted, the same answer if it is a repeat, or a refusal."""
    if tap.count < 1 or tap.first < 0:
        return TapOutOfOrder(next=progress.next)
    last = progress.last_answer
    if last is not None and tap.first == progress.last_first and tap.first + tap.count == last.next:
        return last
    if tap.first != progress.next:
        return TapOutOfOrder(next=progress.next)
    tokens = refill(progress, now)
    if tap.count * 1000 > tokens:
        return TooManyTaps(next=progress.next, allowed=tokens // 1000)
    return Progress(progress.next + tap.count, tokens - tap.count * 1000, now, tap.first, None)


def released(line: Prize, now: datetime) -> int:
    """How much of a limited prize's stock its schedule has released by campaign time `now`."""
    assert line.stock is not None
    most = 0
    for instant, numerator, denominator in line.release or [(now, 1, 1)]:
        if instant <= now:
            most = max(most, line.stock * numerator // denominator)
    return most


TOKEN_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # noqa: S105  no 0, 1, I or O: tokens are read aloud
TOKEN_MARK = "¥"  # noqa: S105
WIDE_MARK = "￥"
"""What Chinese keyboards and some chats make of the mark."""
TOKEN_LENGTH = 27


def token_of(request: UUID) -> str:
    """The code of a card request: 26 characters for the id's 128 bits and one that checks them."""
    number = request.int
    letters = ""
    for _ in range(TOKEN_LENGTH - 1):
        number, place = divmod(number, 32)
        letters = TOKEN_ALPHABET[place] + letters
    return letters + TOKEN_ALPHABET[_check_letter(letters)]


def _check_letter(letters: str) -> int:
    """The place of the letter that checks the others.

    A polynomial over GF(32) with the letters as coefficients, evaluated at the generator of x^5 + x^2 + 1:
    one changed letter, or two that changed places, never check.
    """
    check = 0
    for letter in letters:
        check = check << 1 ^ (0b100101 if check & 16 else 0) ^ TOKEN_ALPHABET.index(letter)
    # Times the generator once more: the last letter and the check must not change places unnoticed.
    return check << 1 ^ (0b100101 if check & 16 else 0)


def request_of_token(text: str) -> UUID | None:
    """The request whose 口令 stands somewhere in a pasted text, or None."""
    for part in text.upper().replace(WIDE_MARK, TOKEN_MARK).split(TOKEN_MARK):
        letters = part.strip()
        if len(letters) != TOKEN_LENGTH or any(letter not in TOKEN_ALPHABET for letter in letters):
            continue
        if TOKEN_ALPHABET.index(letters[-1]) != _check_letter(letters[:-1]):
            continue
        number = 0
        for letter in letters[:-1]:
            number = number * 32 + TOKEN_ALPHABET.index(letter)
        if number < 1 << 128:
            return UUID(int=number)
    return None


def token_text(request: UUID, asker: str, card: Card) -> str:
    """The 口令 as it is sent around: readable by people, found again by `request_of_token`."""
    mark = TOKEN_MARK
    return f"【五福】{asker}想要一张「{card.zh}」,复制这段话打开五福就能送。{mark}{token_of(request)}{mark}"


def set_complete(cards: Mapping[str, int], spec: CampaignSpec) -> bool:
    return all(cards.get(card.id, 0) > 0 for card in spec.cards)
