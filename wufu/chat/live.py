"""The verbs of chat that a phone asks for over the live edge."""

from wufu.chat.model import SendMessage
from wufu.chat.verbs.change import (
    EditMessage,
    React,
    RecallMessage,
    edit_messages,
    react,
    recall_messages,
)
from wufu.chat.verbs.reading import Look, ReadChat, Typing, look, read_chats, typing
from wufu.chat.verbs.send import send_messages
from wufu.edge import LiveVerb

VERBS = (
    # One lane: a phone's messages stand in the order in which it sent them.
    LiveVerb("send_message", SendMessage, send_messages, lanes=1),
    LiveVerb("read_chat", ReadChat, read_chats),
    LiveVerb("react", React, react, lanes=1),
    LiveVerb("edit_message", EditMessage, edit_messages, lanes=1),
    LiveVerb("recall_message", RecallMessage, recall_messages, lanes=1),
    LiveVerb("typing", Typing, typing),
    LiveVerb("look", Look, look, lanes=1),
)
