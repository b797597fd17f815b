"""All SQL of ties, except their laws.

`board` holds what the verbs decide about, `lists` what people see, `near` who may be suggested, `consents`
what people let others find and see, `invitations`, `labels` and `bulk` what their names say.
"""
