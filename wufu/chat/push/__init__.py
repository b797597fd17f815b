"""Web Push: waking phones whose page is not on the screen, without telling the post what it carries.

The story. A device subscribes at its browser's push service and tells us the address and its keys. When a
message waits that its person has not read, we encrypt a few words for that device (RFC 8291, by pywebpush),
sign for ourselves with this installation's VAPID key (RFC 8292), and post them there. A secret message, and a
device that wants no previews, get no other words than that there is a new message.

Whom not to wake: who has read it meanwhile, who muted the conversation (or wants mentions only, and is not
mentioned), who is asleep (quiet hours), and a device that is looking: while its page is on the screen it
listens on `me.<person>.here.<session>`, and NATS tells at once whether somebody does.

Every second the messages that were just sent are looked at (a hearer notes their conversations), every half
minute all conversations, so that a crash loses no notification. What is to be sent stands in `push_due` until
the service took it; it is tried again for about a day; an address that is gone is forgotten.

Outbound requests go where a stranger's browser says. So: https on its own port only, to public addresses
only, connected to the very address that was checked, without following redirects.

Tables: push_key, push_subscription, push_person, push_mark, push_due. Laws: `audit.py`. Environment:
WUFU_PUSH_CONTACT (who answers for this installation, `mailto:…`), WUFU_PUSH_LOOPBACK (tests only).
"""
