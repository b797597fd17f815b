"""A case's evidence in plain words, for the operator; the numbers themselves are in the case."""

from typing import Any

from wufu.trust.model import Evidence, Kind


def explain(kind: Kind, evidence: Evidence) -> list[str]:
    """Sentences that say what was seen, and what speaks against it being abuse."""
    told: dict[str, Any] = dict(evidence)
    if kind == "lockstep":
        told["did"] = ", ".join(f"{count} × {what}" for what, count in sorted(told["what"].items()))
        told["inward"] = 100 * told["inward"]
    if kind == "circle":
        told["dense"] = 100 * told["dense"]
    return [sentence.format(**told) for sentence in SENTENCES[kind]]


SENTENCES: dict[Kind, tuple[str, ...]] = {
    "device": (
        (
            "{accounts} accounts were made on one device from {networks} network(s): the first at "
            "{first_at}, the last at {last_at}, at most {most_within_haste} of them within "
            "{haste_minutes} minutes."
        ),
        "A device that a shop, a school or a large family shares looks the same.",
    ),
    "lockstep": (
        (
            "{accounts} accounts did the same things to the same {targets} targets within the same {minutes} "
            "minutes, again and again: {did}."
        ),
        "{inward:.0f} % of it was to each other.",
        "People who follow one invitation at the same moment share one act, rarely many.",
    ),
    "graph": (
        (
            "{asks} asks, {accepted} of them accepted so far. By whom they went to and how these answered, "
            "the log-odds of a fake account are {log_odds:.1f}."
        ),
        "The choice of people says {selection:+.1f}, their answers say {response:+.1f}.",
        "Somebody new among people who accept everybody looks the same at first.",
    ),
    "pace": (
        (
            "Up to {asks_a_minute} asks and {accepts_a_minute} accepts within a minute; {hasty_accepts} asks "
            "were accepted within {hasty_seconds:g} seconds."
        ),
        "No hand on a phone keeps that pace; a program does.",
    ),
    "circle": (
        (
            "{accounts} new accounts, made within {made_within_minutes} minutes of each other from "
            "{networks} network(s), have {ties_inside} ties among themselves ({dense:.0f} % of all there "
            "could be) and {ties_outward} to others."
        ),
        "Their graph scores are {usual_score:+.1f} on the whole (above 0: like fakes).",
        "A class or a team that joins together looks the same until its members know somebody else.",
    ),
    "hand": ("{why} ({by})",),
}
