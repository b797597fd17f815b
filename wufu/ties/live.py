"""The verbs of ties that a phone may also ask for over the live edge."""

from wufu.edge import LiveVerb
from wufu.ties.model import AcceptTie, AskTie
from wufu.ties.verbs.forming import accept_ties, ask_ties

VERBS = (
    LiveVerb("ask_tie", AskTie, ask_ties),
    LiveVerb("accept_tie", AcceptTie, accept_ties),
)
