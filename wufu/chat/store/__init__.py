"""All SQL of chat, except its laws and what secrets, media and push keep to themselves."""
