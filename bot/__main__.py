"""`python -m bot` is the command `schullotse`."""

from bot.cli import main

main()
