"""Templates as files: a known campaign with another rule for new friends, in TOML.

    format = 1                # how this file is read
    name = "2016-each"
    version = 1               # of the rules; a campaign keeps "name/version" as its template
    based_on = "2016"         # whose cards, rounds, odds and pool

    [friends_for_cards]
    design = "each"           # or "threshold", the default
    friends = 5
    cards = 1
    bonus = 2
    reward = "both"           # or "invited"
    holdout_permille = 100    # at most 200

Those in `templates/` come with Wufu and are named like the built-in one. Round 0's odds are the base's: every
reward is drawn from the common kinds, each equally likely, never the scarce one.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from wufu.fortune.model import CampaignSpec
from wufu.fortune.refusals import BadCampaign
from wufu.fortune.rewards import FriendsForCards, check_rule
from wufu.fortune.template import Dials, gala_2016

FOLDER = Path(__file__).with_name("templates")

Template = Callable[[str, Dials], CampaignSpec]
"""Makes the rules of a campaign with an id, for these dials. Raises BadCampaign."""

BASES: dict[str, Template] = {"2016": gala_2016}


class TemplateFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a template's file says."""

    format: Literal[1]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    based_on: Literal["2016"]
    friends_for_cards: FriendsForCards

    def __call__(self, campaign: str, dials: Dials) -> CampaignSpec:
        return msgspec.structs.replace(
            BASES[self.based_on](campaign, dials),
            template=f"{self.name}/{self.version}",
            friends_for_cards=self.friends_for_cards,
        )


def read_template(file: Path) -> TemplateFile:
    """The template in a TOML file. Raises BadCampaign: `why` says what is wrong with it."""
    try:
        found = msgspec.toml.decode(file.read_bytes(), type=TemplateFile)
    except OSError as error:
        raise BadCampaign(why=f"cannot read {file}: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise BadCampaign(why=f"{file}: {error}") from error
    check_rule(found.friends_for_cards)
    return found


TEMPLATES: dict[str, Template] = {
    **BASES,
    **{found.name: found for found in map(read_template, sorted(FOLDER.glob("*.toml")))},
}


def find_template(name: str) -> Template:
    """A template that comes with Wufu by its name, or one of a TOML file by its path. Raises BadCampaign."""
    if name in TEMPLATES:
        return TEMPLATES[name]
    if not name.endswith(".toml"):
        raise BadCampaign(
            why=f"there is no template {name!r}; there are {', '.join(TEMPLATES)}, and TOML files"
        )
    return read_template(Path(name))
