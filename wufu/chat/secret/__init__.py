"""Secret messages 阅后即焚: read once, then gone, and the server never could read them.

The story. Each signed-in device makes an X25519 key and registers its public half; who signs out, here or
from afar, takes the key with them. A phone that sends a secret encrypts it under a fresh key, wraps that key
for every device of every reader, and sends ciphertext and wraps as one piece of bytes. They become one object
in the object store, and that is the only place where they ever are: not in PostgreSQL, whose log would keep
them, not in NATS, not in the outbox. What chat knows of the message is its number, its sender, its timer, and
who has opened it. A push about it says that there is one.

A reader's phone fetches the bytes (only its own wrap comes along), and says `see_secret` when the message is
on the screen: from then on the timer runs for this person, whatever they do with their phone. At the end it
says `burn_secret`; a phone that stays silent is not waited for. When it is burnt for every reader, or a week
after sending, the object is dropped and overwritten, our rows about it are deleted, and the message is
`gone`: a number in the conversation, so that the numbers have no hole, and nothing else.

What is promised, and what not: `docs/guides/burn-after-reading.md`. Beyond the server's reach are the
reader's eyes, camera and a phone that was tampered with; the app says so.

The operator's hold. An installation may be told at its very first start, and only then, to keep burnt
ciphertext for some days (`WUFU_SECRET_RETENTION_DAYS`); every phone shows it. It stays ciphertext.

Changes of keys are announced, and a phone must wrap for every device of every reader or say in so many words
which ones it left out: so nobody's new device gets in or stays out unnoticed.

Tables: secret_device, secret_message, secret_reader, secret_held, secret_policy. Objects: owner
`secret/<conversation>/<message>`, sealed by the store once more. Facts: `secret.keys_changed`
{person, device, key, since}, `secret.mode_changed` {conversation, timer_seconds, by}, `secret.screenshot`
{conversation, message, person, at}. Laws: `audit.py`; the search for traces of one message: `scan.py`.
"""
