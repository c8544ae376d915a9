"""Accounts of one region and what was done: for those who administer it."""

from starlette.responses import Response

from bot.review import accounts
from bot.review.web import guard
from bot.review.web.desk import Desk
from bot.review.web.guard import Visit
from bot.store.accounts import Account, Action, Role


class People:
    """The pages of one desk. At least one person keeps the right to administer."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def page(self, visit: Visit) -> Response:
        return self._page(visit)

    def _page(self, visit: Visit, *, problem: str = "", link: str = "", invited: str = "") -> Response:
        told = self.desk.words(problem) if problem else ""
        status = 422 if problem else 200
        people = self._people(visit.region)
        values = {
            "slug": "zugaenge",
            "people": people,
            "roles": list(Role),
            "problem": told,
            "link": link,
            "invited": invited,
        }
        return self.desk.page(visit, "people.html", status=status, **values)

    def _people(self, region: str) -> list[Account]:
        return [account for account in self.desk.accounts.all() if region in account.roles]

    def invite(self, visit: Visit) -> Response:
        email = visit.form.get("email", "").strip()
        role = _role(visit)
        if role is None or not accounts.EMAIL.fullmatch(email):
            return self._page(visit, problem="email_wrong")
        if self._would_be_last(visit, self.desk.accounts.by_email(email), role):
            return self._page(visit, problem="last_admin")
        today, who = self.desk.clock().date(), visit.account.id
        account = accounts.add(self.desk.accounts, email, visit.region, role, today=today, by=who)
        link = ""
        if not account.password and self._administers(visit, account):
            link = f"{self.desk.public}/einladung/{accounts.invite(self.desk.accounts, account, today)}"
        return self._page(visit, link=link, invited=account.email)

    def _administers(self, visit: Visit, account: Account) -> bool:
        """Whether *visit* may hand out the link: whoever opens it gets all that the account may see."""
        return all(visit.account.roles.get(region) is Role.ADMIN for region in account.roles)

    def change(self, visit: Visit) -> Response:
        account, role = self._named(visit), _role(visit)
        if account is None or role is None:
            return self.page(visit)
        if self._would_be_last(visit, account, role):
            return self._page(visit, problem="last_admin")
        self.desk.accounts.grant(account.email, visit.region, role)
        self._record(visit, Action.ROLE)
        return guard.to(visit.request, f"{visit.region}/zugaenge")

    def remove(self, visit: Visit) -> Response:
        account = self._named(visit)
        if account is None:
            return self.page(visit)
        if self._would_be_last(visit, account, None):
            return self._page(visit, problem="last_admin")
        self.desk.accounts.revoke(account.id, visit.region)
        self._record(visit, Action.REMOVED)
        return guard.to(visit.request, f"{visit.region}/zugaenge" if account.id != visit.account.id else "")

    def log(self, visit: Visit) -> Response:
        say = self.desk.words
        emails = {account.id: account.email for account in self.desk.accounts.all()}
        rows = [
            (
                entry.day.strftime("%d.%m.%Y"),
                say("who_command")
                if not entry.account
                else emails.get(entry.account) or say("who_gone", id=entry.account),
                say(f"action_{entry.action}"),
            )
            for entry in self.desk.accounts.log(visit.region, self.desk.clock().date())
        ]
        return self.desk.page(visit, "log.html", slug="protokoll", rows=rows)

    def _named(self, visit: Visit) -> Account | None:
        """The account of the form, if it belongs to this region: nobody reaches into another one."""
        account = self.desk.accounts.by_id(visit.form.get("account", ""))
        return account if account and visit.region in account.roles else None

    def _would_be_last(self, visit: Visit, account: Account | None, role: Role | None) -> bool:
        """Whether nobody could administer the region any more if *account* had *role*."""
        admins = {person.id for person in self._people(visit.region) if person.roles[visit.region] is Role.ADMIN}
        return account is not None and admins == {account.id} and role is not Role.ADMIN

    def _record(self, visit: Visit, action: Action) -> None:
        self.desk.accounts.record(self.desk.clock().date(), visit.account.id, visit.region, action)


def _role(visit: Visit) -> Role | None:
    wanted = visit.form.get("role", "")
    return Role(wanted) if wanted in list(Role) else None
