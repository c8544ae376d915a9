"""The directory for other systems, and back: HSDS, vCard, iCalendar, CSV. What is claimed: docs/exchange.md."""
