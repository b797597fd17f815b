"""The expected "no": a coded refusal with facts, shown to people.

There are three kinds of no, and they share no base class on purpose:

- a *refusal* (here): the request cannot be granted; a code, facts, and words in
  the app, in both languages;
- an *assert*: our own bug; it stays on in production and stops the request;
- a *retry* (`wufu.db`): the database asked for another try; nobody sees it.

A domain declares its refusals in `model.py` as small subclasses. Hot verbs
answer with them as values, one for each request of a batch; single verbs raise
them. The edge renders both in the one same way.
"""

from typing import ClassVar

ALL: dict[str, type["Refusal"]] = {}
"""Every declared refusal by its code: the app's words are checked against it."""


class Refusal(Exception):
    """A request that cannot be granted. `code` names it, `facts` say why (JSON values)."""

    code: ClassVar[str]
    status: ClassVar[int] = 409

    def __init_subclass__(cls) -> None:
        assert cls.code not in ALL or ALL[cls.code].__qualname__ == cls.__qualname__, cls.code
        ALL[cls.code] = cls

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.facts) == (other.code, other.facts)

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{type(self).__name__}({facts})"


class MalformedBody(Refusal):
    """The request could not be read: `where` says which field, `why` what was wrong."""

    code = "malformed_body"
    status = 422


class BodyTooLarge(Refusal):
    code = "body_too_large"
    status = 413


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401


class NotAllowed(Refusal):
    code = "not_allowed"
    status = 403


class UnknownPerson(Refusal):
    code = "unknown_person"
    status = 404


class IdConflict(Refusal):
    """The same id was used before for something else."""

    code = "id_conflict"


class ServerBusy(Refusal):
    """More is waiting than can be answered in time; nothing was done, try again."""

    code = "server_busy"
    status = 503


def is_refused(answer: object) -> bool:
    return isinstance(answer, Refusal)
