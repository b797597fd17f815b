"""Chat over HTTP: groups from founding to leaving, and everything malformed refused with words."""

import pytest

from tests.journeys.acts import befriend, refused
from tests.journeys.phone import Json, Phone, SignUp, fresh_id


async def three(sign_up: SignUp) -> tuple[Phone, Phone, Phone, str]:
    """Dong runs a group with Mei and Lin."""
    dong, mei, lin = await sign_up("dong"), await sign_up("mei"), await sign_up("lin")
    await befriend(dong, mei)
    await befriend(dong, lin)
    group = fresh_id()
    body = {"id": group, "title": "一家人", "people": [mei.person, lin.person]}
    answer = await dong.post("/api/chat/groups", body)
    assert answer == await dong.post("/api/chat/groups", body)
    assert (answer["conversation"]["role"], answer["conversation"]["people_count"]) == ("owner", 3)
    return dong, mei, lin, group


async def said(phone: Phone, group: str, text: str) -> Json:
    return await phone.do("send_message", id=fresh_id(), conversation=group, kind="text", body={"text": text})


async def test_a_group_from_founding_to_leaving(sign_up: SignUp) -> None:
    dong, mei, lin, group = await three(sign_up)
    at = f"/api/chat/conversations/{group}"
    await said(mei, group, "周六去爬山吗")
    for path, body in (
        ("title", {"title": "爬山"}),
        ("announcement", {"text": "八点集合"}),
        ("approval", {"on": True}),
        ("all-muted", {"on": True}),
        ("all-muted", {"on": False}),
        ("role", {"person": mei.person, "role": "admin"}),
        ("mute", {"person": lin.person, "seconds": 60}),
        ("mute", {"person": lin.person, "seconds": 0}),
        ("settings", {"pinned": True, "notify": "mentions"}),
    ):
        answer = await dong.post(f"{at}/{path}", body)
        assert answer["conversation"]["id"] == group
    page = await mei.get(at)
    assert page["conversation"]["announcement"]["text"] == "八点集合"
    assert [member["role"] for member in page["members"]] == ["owner", "admin", "member"]
    await dong.post(f"{at}/transfer", {"person": mei.person})
    await mei.post(f"{at}/remove", {"person": lin.person})
    await dong.post(f"{at}/leave")
    assert (await mei.get("/api/chat"))["conversations"][0]["people_count"] == 1
    assert (await dong.get("/api/chat"))["conversations"] == []
    assert (await refused(dong, "GET", at)).status == 404


async def test_a_link_leads_into_a_group_by_consent(sign_up: SignUp) -> None:
    dong, mei, _, group = await three(sign_up)
    at = f"/api/chat/conversations/{group}"
    await dong.post(f"{at}/approval", {"on": True})
    invitation = await mei.post(f"{at}/invites", {"expires_seconds": 600, "uses": 3})
    guest = await sign_up("guest")
    view = await guest.get(f"/api/chat/invites/{invitation['token']}")
    assert (view["title"], view["inviter"]["person"], view["approval"]) == ("一家人", mei.person, True)
    joined = await guest.post(f"/api/chat/invites/{invitation['token']}/join")
    assert joined == {"state": "waiting", "conversation_id": group}
    assert [one["person"] for one in (await dong.get(at))["joins"]] == [guest.person]
    assert (await refused(mei, "POST", f"{at}/joins/{guest.person}", {"accept": True})).status == 403
    await dong.post(f"{at}/joins/{guest.person}", {"accept": True})
    joined = await guest.post(f"/api/chat/invites/{invitation['token']}/join")
    assert (joined["state"], joined["conversation"]["people_count"]) == ("joined", 4)
    assert await dong.call("DELETE", f"{at}/invites") == {}
    assert (await refused(dong, "GET", "/api/chat/invites/nothing")).code == "bad_invite"


async def test_history_changes_search_readers_and_reports(sign_up: SignUp) -> None:
    dong, mei, lin, group = await three(sign_up)
    at = f"/api/chat/conversations/{group}"
    for number in range(5):
        await said(dong, group, f"第{number}条")
    await mei.do("read_chat", conversation=group, through=4)
    numbers = [each["number"] for each in (await mei.get(f"{at}/messages?before=4&limit=2"))["messages"]]
    assert numbers == [3, 2]
    numbers = [each["number"] for each in (await mei.get(f"{at}/messages?after=4"))["messages"]]
    assert numbers == [5, 6]
    numbers = [each["number"] for each in (await mei.get(f"{at}/messages?around=3&limit=4"))["messages"]]
    assert numbers == [2, 3, 4, 5]
    changes = await mei.get(f"{at}/changes?after=4")
    assert ([each["number"] for each in changes["messages"]], changes["through"]) == ([5, 6], 6)
    found = (await lin.get("/api/chat/search?q=第3条"))["found"]
    assert [each["number"] for each in found] == [5]
    page = f"{found[0]['sent_at'].replace('+', '%2B')}|{group}|5"
    assert (await lin.get(f"/api/chat/search?q=第3条&before={page}"))["found"] == []
    readers = await dong.get(f"{at}/readers/4")
    assert [each["person"] for each in readers["readers"]] == [mei.person]
    assert [each["person"] for each in readers["unread"]] == [lin.person]
    report = {"id": fresh_id(), "conversation": group, "numbers": [2], "reason": "spam"}
    assert await lin.post("/api/chat/reports", report) == {}
    settings = {"receipts": False, "presence": False, "strangers": True}
    assert await lin.post("/api/chat/settings", settings) == settings == await lin.get("/api/chat/settings")
    # The page sends the switch that was touched, and nothing else.
    assert await lin.post("/api/chat/settings", {"receipts": True}) == settings | {"receipts": True}
    assert await lin.get("/api/chat/settings") == settings | {"receipts": True}


BAD: list[tuple[str, str, object]] = [
    ("POST", "groups", {"id": "x", "title": "a", "people": []}),
    ("POST", "groups", {"id": fresh_id(), "title": "a", "people": [0]}),
    ("POST", "groups", {"id": fresh_id(), "title": "a", "people": [2**63]}),
    ("POST", "groups", {"id": fresh_id(), "title": "a", "people": [], "room": "mine"}),
    ("POST", "groups", {"id": fresh_id(), "title": "", "people": []}),
    ("POST", "direct", {"person": -1}),
    ("POST", "direct", []),
    ("POST", "sync", {"have": {"x": {"change": 1}}}),
    ("POST", "sync", {"have": {fresh_id(): {"change": -1}}}),
    ("POST", "sync", {}),
    ("GET", "search?q=", None),
    ("GET", "search?q=a&before=yesterday", None),
    ("GET", "search?q=a&before=0001-01-01T00:00:00|x|1", None),
    ("GET", "search?q=a&conversation=7", None),
    ("GET", "conversations/7", None),
    ("GET", "conversations/{group}/changes?after=-1", None),
    ("GET", "conversations/{group}/messages?limit=100000", None),
    ("GET", "conversations/{group}/messages?before=99999999999999999999", None),
    ("GET", "conversations/{group}/readers/0", None),
    ("POST", "conversations/{group}/mute", {"person": 1, "seconds": -1}),
    ("POST", "conversations/{group}/role", {"person": 1, "role": "owner"}),
    ("POST", "conversations/{group}/people", {"people": []}),
    ("POST", "conversations/{group}/announcement", {"text": "x" * 2001}),
    ("POST", "conversations/{group}/settings", {"notify": "loud"}),
    ("POST", "conversations/{group}/invites", {"expires_seconds": 1, "uses": 1}),
    ("POST", "reports", {"id": fresh_id(), "conversation": fresh_id(), "numbers": [], "reason": "spam"}),
]


async def test_what_is_malformed_is_refused(sign_up: SignUp) -> None:
    dong, _, _, group = await three(sign_up)
    for method, path, body in BAD:
        refusal = await refused(dong, method, f"/api/chat/{path.format(group=group)}", body)
        assert refusal.status == 422, (path, refusal)


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("send_message", {"id": fresh_id(), "kind": "text", "body": {"text": "a"}}),
        ("send_message", {"id": "x", "kind": "text", "body": {"text": "a"}, "to": 1}),
        ("send_message", {"id": fresh_id(), "kind": "text", "body": "a", "to": 1}),
        ("send_message", {"id": fresh_id(), "kind": "text", "body": {}, "to": 1, "person": 1}),
        ("send_message", {"id": fresh_id(), "kind": "text", "body": {}, "to": 1, "mentions": ["all"]}),
        ("read_chat", {"conversation": fresh_id(), "through": "1"}),
        ("react", {"conversation": fresh_id(), "number": 1, "emoji": 1, "on": True}),
        ("look", {"conversation": fresh_id(), "on": "yes"}),
    ],
)
async def test_a_malformed_verb_is_refused(sign_up: SignUp, verb: str, body: Json) -> None:
    dong = await sign_up("dong")
    assert (await refused(dong, "POST", f"/api/do/{verb}", body)).status == 422


async def test_a_pass_lists_the_rooms_of_ones_groups_and_no_others(sign_up: SignUp) -> None:
    dong, mei, lin, group = await three(sign_up)
    room = (await dong.get(f"/api/chat/conversations/{group}"))["conversation"]["room"]
    assert (await mei.post("/api/live/pass"))["rooms"] == [{"conversation": group, "subject": room}]
    await lin.post(f"/api/chat/conversations/{group}/leave")
    assert (await lin.post("/api/live/pass"))["rooms"] == []
    (moved,) = (await mei.post("/api/live/pass"))["rooms"]
    assert moved["subject"] != room
