"""Strength: what two people do with each other, and how strong a tie it makes.

The story. Talking, red packets, transfers, cards, photos that were paid for: each domain announces what
happened, says of its own facts which acts they tell of, and hands `noting(read)` to the relay. An act is
noted in the relay's transaction, hence exactly once, as a count on a day in China: `tie_act`, one row for a
pair, a day and a kind. From these days follows everything else. Messages are not announced one by one: a job
of chat says each minute how many went from whom to whom (`chat.talked`).

`tie_strength` keeps of each pair what a fold over its days makes (`model.step`), as of its last active day.
Time goes on without a job that touches every row: decay, freshness and states are computed when somebody
looks, from the row and the day (`model.strength`), and so is the overlap of friends, from the ties.

What a campaign triggered is counted apart, shown to the two, and proves nothing. Acts of people without a tie
are kept as well: they may know each other (`see_dealings`, both ways only).

The rule, its sources and its states: `model.py`. Tables: tie_act, tie_strength. Laws: `audit.py`; one folds a
sample of pairs anew in SQL, a second time written, and compares. If you add a kind of act: a line in
`model.KINDS`, words in the app, and a fact whose owner translates it.
"""
