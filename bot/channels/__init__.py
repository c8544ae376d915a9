"""Doors to the bot: each turns its platform's messages into Incoming and replies into what the platform shows."""
