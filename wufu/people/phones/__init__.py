"""Phone numbers: proved by a code, found by who knows them, kept by nobody.

The story. Somebody says a number is theirs; a code of six digits goes there as a text; who types it in time
has proved it. Kept are a keyed hash of the number and its last two digits, so that its owner recognises it;
nobody who reads the database reads numbers. A number belongs to whoever proved it last.

Looking for somebody by number needs the whole number, finds whoever lets themselves be found so, and is
counted: thirty numbers a day, for numbers can be tried out one by one. Codes: five a day to a number and for
a person, one a minute, five wrong tries.

Texts go out through `texts.py`: to a gateway of the installation, or nowhere, in which case an operator reads
them (`wufu texts`), and a demo's page shows the code itself.

Tables: phone_key, phone_number, phone_proof, phone_use, text_message.
"""
