"""The page of one's own account: password, second factor, log out everywhere, delete."""

import pyotp
import segno
from markupsafe import Markup
from starlette.responses import Response

from bot.review import accounts
from bot.review.web import guard
from bot.review.web.desk import Desk
from bot.review.web.guard import Visit
from bot.store.accounts import Action

ISSUER = "Schullotse"


class Own:
    """The pages of one desk. What weakens an account needs the password once more."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def page(self, visit: Visit) -> Response:
        return self._page(visit, "")

    def _page(self, visit: Visit, problem: str) -> Response:
        told = self.desk.words(problem) if problem else ""
        return self.desk.page(visit, "own.html", problem=told, code=None, status=422 if problem else 200)

    def password(self, visit: Visit) -> Response:
        new = visit.form.get("password", "")
        problem = None if self._knows_password(visit) else "password_wrong"
        problem = problem or accounts.weakness(new, visit.account.email)
        if problem is None and new != visit.form.get("again", ""):
            problem = "password_differs"
        if problem:
            return self._page(visit, problem)
        self.desk.accounts.set_password(visit.account.id, accounts.make_hash(new))
        self._record(visit, Action.PASSWORD)
        return guard.to(visit.request, "anmelden")

    def offer(self, visit: Visit) -> Response:
        """Show a new secret; it counts only when a code of it has been entered."""
        visit.session.offered = pyotp.random_base32()
        return self._offered(visit, "")

    def _offered(self, visit: Visit, problem: str) -> Response:
        uri = pyotp.TOTP(visit.session.offered).provisioning_uri(name=visit.account.email, issuer_name=ISSUER)
        picture = segno.make(uri, error="m").svg_inline(scale=5, border=2, omitsize=True, light="#fff", dark="#000")
        told = self.desk.words(problem) if problem else ""
        code = {"picture": Markup(picture), "secret": visit.session.offered}  # noqa: S704 - drawn from our own address
        return self.desk.page(visit, "own.html", problem=told, code=code, status=422 if problem else 200)

    def confirm(self, visit: Visit) -> Response:
        secret = visit.session.offered
        if not secret:
            return guard.to(visit.request, "konto")
        if not self.desk.door.code_fits(visit.account, secret, visit.form.get("code", "")):
            return self._offered(visit, "code_wrong")
        visit.session.offered = ""
        self.desk.accounts.set_totp(visit.account.id, secret)
        self._record(visit, Action.TOTP_ON)
        return guard.to(visit.request, "konto")

    def without(self, visit: Visit) -> Response:
        if not self._knows_password(visit):
            return self._page(visit, "password_wrong")
        self.desk.accounts.set_totp(visit.account.id, None)
        self._record(visit, Action.TOTP_OFF)
        return guard.to(visit.request, "konto")

    def delete(self, visit: Visit) -> Response:
        if not self._knows_password(visit):
            return self._page(visit, "password_wrong")
        for region in visit.account.roles:
            self.desk.accounts.record(self.desk.clock().date(), visit.account.id, region, Action.DELETED)
        self.desk.accounts.delete(visit.account.id)
        return guard.to(visit.request, "anmelden")

    def _knows_password(self, visit: Visit) -> bool:
        """Counted like a login: an open session is no way round the limit."""
        address = self.desk.peer(visit.request)
        if not self.desk.tries.allowed(visit.account.email, address):
            return False
        known = accounts.matches(visit.account.password or "", visit.form.get("current", "")[: accounts.LONGEST + 1])
        if not known:
            self.desk.tries.failed(visit.account.email, address)
        return known

    def _record(self, visit: Visit, action: Action) -> None:
        self.desk.accounts.record(self.desk.clock().date(), visit.account.id, "", action)
