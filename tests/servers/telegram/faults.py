"""What can go wrong on the way: refusals, pauses, pages of a proxy, cut connections."""

from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """Strikes calls of *method* ("" = any) to *chat* (None = any), *times* times (-1 = for ever).

    *drop* cuts the connection "before" or "after" the method did its work. *body* is sent as it is, as HTML. *delay* in
    seconds comes before anything else; alone it only delays.
    """

    method: str = ""
    status: int = 0
    description: str = "Internal Server Error"
    retry_after: int | None = None
    body: str = ""
    drop: str = ""
    delay: float = 0.0
    chat: int | None = None
    times: int = 1

    def strikes(self, method: str, chat: str) -> bool:
        """Whether it does now; then it is used up a little."""
        if self.times == 0 or self.method not in {"", method} or (self.chat is not None and str(self.chat) != chat):
            return False
        self.times -= self.times > 0
        return True
