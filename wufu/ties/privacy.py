"""Values of privacy: by what somebody is found, whether they are suggested, who sees their friends.

One rule about other people's friendships: that P and M are friends is shown to V only as far as both let it.
V sees M's side because M is V's friend, unless M shows friends to nobody. P's side is P's setting. So who
says `nobody` is in no count and no list of mutual friends, neither as the one in the middle nor at the end.
"""

from typing import Literal

import msgspec

FriendsSeen = Literal["nobody", "friends", "everyone"]
Way = Literal["name", "code", "phone"]


class Privacy(msgspec.Struct, frozen=True):
    """What a person lets others do. Who never changed anything has these."""

    by_name: bool = True
    by_code: bool = True
    by_phone: bool = True
    suggested: bool = True
    friends_seen: FriendsSeen = "friends"

    def found_by(self, way: Way) -> bool:
        """Whether somebody may be found so: `name` is name or login, `code` one's own lasting code."""
        if way == "name":
            return self.by_name
        return self.by_code if way == "code" else self.by_phone

    def shows_friends(self, is_friend: bool) -> bool:
        """Whether somebody sees which friends they share with this person."""
        return self.friends_seen == "everyone" or (self.friends_seen == "friends" and is_friend)


class PrivacyChange(msgspec.Struct, frozen=True):
    """What is None stays."""

    by_name: bool | None = None
    by_code: bool | None = None
    by_phone: bool | None = None
    suggested: bool | None = None
    friends_seen: FriendsSeen | None = None
