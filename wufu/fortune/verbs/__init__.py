"""What can be done in a campaign: one function a verb, one file a topic."""
