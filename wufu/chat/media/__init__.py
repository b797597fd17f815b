"""Media of chat: pictures, voices, films and files, from the upload to the day their last message goes.

The story. A phone uploads bytes under an id of its own; the same id with the same bytes is the same upload.
What they are is read from the bytes, never from a name. Pictures are decoded (small ones only: a bomb is
refused before it unpacks), turned upright and written anew, so that nothing of the camera, the place or the
day is left in them; a thumbnail is made. Voices and films are measured and cleaned in place (`containers`).
Files are given back as downloads only, and what a click could run is refused.

Then a message refers to the upload. Sending it asks `attach`, which answers the words that go into the
message (from our rows: a phone cannot say that a film is one second long) and notes the use. Who uploaded it,
or sees a living message that uses it, sees it; nobody else learns that it exists. A recalled message lets go
(`detach`), and with the last use the bytes go. What was never sent goes after a day.

Tables: media, media_use. Objects: owner `media/<id>`. Laws: `audit.py`.
"""
