"""People: who somebody is, how they prove it, and on which devices they are signed in.

The story. Someone registers with a login and a password and is signed in on that device; the device holds an
opaque token of 256 random bits, we hold only its SHA-256. Money asks for a second secret, the payment PIN of
six digits. Somebody imported from elsewhere is a name without a password until they claim their account with
a one-time code that an operator hands them. A demo has invented people, personas, whom anybody in front of
that demo may be with one click.

A token and a claim code begin with the person's number, so both are looked up by key; the rest of them is
secret. Passwords and PINs are Argon2id hashes, computed in a thread. A wrong password or PIN must be
remembered although it is refused, so the verbs that check one *answer* their refusal as a value and the
caller commits: `check_pin`, `set_pin`, `sign_in` and `claim` answer `Refusal | …`, and a caller that ignores
the answer has not checked anything.

Guessing. Five wrong PINs lock the PIN for 1 minute, then 10 minutes, 1 hour, 6 hours, a day. Wrong passwords
are counted by login (five are free) and by network address (fifty are free), and then cost a wait that
doubles from 30 seconds to 15 minutes. A guess is judged under the lock of its counter, so a burst of a
hundred guesses at once learns no more than five guesses in turn. An unknown login takes as long as a known
one. A PIN has only a million values: whoever steals the database can find PINs by trying them, as with any
short secret; they cannot find passwords or tokens so.

Names are 1 to 24 characters, in NFC, of letters, digits, marks, punctuation and symbols: no control,
zero-width, direction-changing or blank characters, so that no two names look alike by invisible means.

A lost answer. `register` repeated after its answer was lost is refused as `login_taken`, and the phone signs
in; `claim` repeated with the same login and password signs in again; the rest may be repeated freely.

Whoever guards against farmed accounts is told of every sign-in (`Arrival`: the device's random id from the
header `X-Wufu-Device`, the network address), inside the same transaction; people keep neither.

Fact: `people.signed_out` {person, session} to nobody's phone.

Tables: person, person_external, login, password, pin, session, claim_offer, sign_in_try.
Laws: `audit.py`.
"""

from wufu.people.audit import LAWS
from wufu.people.http import router, session_lookup
from wufu.people.leaving import close_person, guard_secret
from wufu.people.model import (
    AVATARS,
    AlreadyClaimed,
    Arrival,
    BadClaimCode,
    BadDevice,
    BadLine,
    BadLogin,
    BadName,
    BadPassword,
    BadPin,
    Claim,
    Device,
    LoginTaken,
    Me,
    NewPerson,
    NoPin,
    Persona,
    PersonView,
    PinLocked,
    Register,
    Session,
    Settings,
    SignedIn,
    SignIn,
    TooManyTries,
    WrongPassword,
    WrongPin,
    clean_line,
    clean_name,
)
from wufu.people.names import chinese_name
from wufu.people.personal import GONE, PERSONAL
from wufu.people.phones.model import Phone, Text
from wufu.people.phones.texts import jobs
from wufu.people.phones.verbs import ask_code, look_up, prove_phone, remove_phone, see_phone, see_texts
from wufu.people.phones.verbs import sweep as sweep_phones
from wufu.people.verbs import (
    change_settings,
    check_pin,
    claim,
    create_people,
    find_people,
    guard_pin,
    offer_claim,
    register,
    see_devices,
    see_externals,
    see_findable,
    see_findable_people,
    see_login,
    see_me,
    see_people,
    see_personas,
    see_session,
    see_standing,
    set_pin,
    sign_in,
    sign_in_persona,
    sign_out,
    sweep,
    touch_session,
)

__all__ = [
    "AVATARS",
    "GONE",
    "LAWS",
    "PERSONAL",
    "AlreadyClaimed",
    "Arrival",
    "BadClaimCode",
    "BadDevice",
    "BadLine",
    "BadLogin",
    "BadName",
    "BadPassword",
    "BadPin",
    "Claim",
    "Device",
    "LoginTaken",
    "Me",
    "NewPerson",
    "NoPin",
    "PersonView",
    "Persona",
    "Phone",
    "PinLocked",
    "Register",
    "Session",
    "Settings",
    "SignIn",
    "SignedIn",
    "Text",
    "TooManyTries",
    "WrongPassword",
    "WrongPin",
    "ask_code",
    "change_settings",
    "check_pin",
    "chinese_name",
    "claim",
    "clean_line",
    "clean_name",
    "close_person",
    "create_people",
    "find_people",
    "guard_pin",
    "guard_secret",
    "jobs",
    "look_up",
    "offer_claim",
    "prove_phone",
    "register",
    "remove_phone",
    "router",
    "see_devices",
    "see_externals",
    "see_findable",
    "see_findable_people",
    "see_login",
    "see_me",
    "see_people",
    "see_personas",
    "see_phone",
    "see_session",
    "see_standing",
    "see_texts",
    "session_lookup",
    "set_pin",
    "sign_in",
    "sign_in_persona",
    "sign_out",
    "sweep",
    "sweep_phones",
    "touch_session",
]
