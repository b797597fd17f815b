"""The hot verbs of secrets: on the screen, burnt, a screenshot."""

from wufu.chat.secret import verbs
from wufu.edge import LiveVerb

VERBS = (
    LiveVerb("see_secret", verbs.SeeSecret, verbs.see_secrets),
    LiveVerb("burn_secret", verbs.BurnSecret, verbs.burn_secrets),
    LiveVerb("tell_screenshot", verbs.TellScreenshot, verbs.tell_screenshots),
)
