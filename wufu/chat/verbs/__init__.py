"""The verbs of chat: one function a verb."""
