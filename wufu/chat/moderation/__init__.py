"""Moderation of chat: what becomes of reports.

The story. Somebody reports messages; they are kept as the reporter saw them (`verbs/safety.py`). An operator
lists the reports that nobody has decided, looks at the evidence, and decides: nothing is wrong (dismiss); the
messages go, for everybody (take down); somebody may not write for a while or until further notice (mute); a
group is closed. Each decision is one transaction with a line in the trail, `chat_moderation`, which is only
ever added to, and whoever reported is told that somebody looked, and whether anything was done; never what.

Secrets. The server cannot read them, so a report of one holds its number, sender and timer. The reporter's
phone may add the words it saw, if its owner chooses so in that report. They are the reporter's word and no
more; they go the moment the report is decided, and no law of secrets bends for them: what burnt is burnt.

Who is muted is refused as `silenced` wherever they would be read by others: sending, editing, reacting,
cards, titles, announcements, founding groups. Notes to oneself stay. A closed group can be read and left.

Tables: chat_ruling, chat_report_shown, chat_silence, chat_moderation; `conversation.closed_at`. Facts:
`chat.report_decided` {report, conversation, verdict}, `chat.silenced` {until}, `chat.voice_back` {}.
"""
