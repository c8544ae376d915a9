"""The bot is killed with SIGKILL, again and again, while people write to it; then the messages are counted."""
