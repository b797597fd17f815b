"""Words for searching: what a text is cut into, and what is looked for.

Chinese is written without spaces. Every two neighbouring characters make a word (a bigram), so whatever is
looked for, two characters or more, is found without a dictionary; a single character is looked for as the
beginning of a bigram or as itself. Letters and digits make words as usual, in lower case and NFKC, so that
full-width letters are the same. Decision record 0008 says what was measured against this.
"""

import re
import unicodedata

CJK = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
    r"\U00020000-\U0003ffff"
)
RUN = re.compile(rf"(?P<cjk>[{CJK}]+)|(?P<word>[^\W_{CJK}]+)")
LONGEST_WORD = 60
MOST_WORDS = 4_000


def words_of(text: str) -> list[str]:
    """The words under which a text is found, each once. A Chinese run ends with its last character alone."""
    found: dict[str, None] = {}
    for match in RUN.finditer(spelled(text)):
        run = match[0]
        if match["cjk"] is not None:
            for place in range(len(run)):
                found[run[place : place + 2]] = None
        else:
            found[run[:LONGEST_WORD]] = None
    return list(found)[:MOST_WORDS]


def query_of(text: str) -> str | None:
    """What to look for, as a tsquery; None when there is nothing to look for.

    All of it must be there. A single Chinese character and the last word of letters stand for any word that
    begins so.
    """
    parts: list[str] = []
    matches = list(RUN.finditer(spelled(text)))
    for place, match in enumerate(matches):
        run = match[0]
        if match["cjk"] is not None:
            if len(run) == 1:
                parts.append(f"'{run}':*")
            else:
                parts += [f"'{run[start : start + 2]}'" for start in range(len(run) - 1)]
        else:
            parts.append(f"'{run[:LONGEST_WORD]}'" + (":*" if place == len(matches) - 1 else ""))
    return " & ".join(dict.fromkeys(parts)) or None


def spelled(text: str) -> str:
    """One spelling: compatibility forms joined (NFKC), lower case."""
    return unicodedata.normalize("NFKC", text).lower()
