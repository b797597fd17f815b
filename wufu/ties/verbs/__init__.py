"""The verbs of ties, one file a subject, and what a person sees of their own ties."""
