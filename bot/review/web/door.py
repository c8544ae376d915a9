"""Logging in, accepting an invitation, logging out: the pages that can be seen without a session."""

from collections.abc import Mapping
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.review import accounts
from bot.review.web import guard
from bot.review.web.desk import Desk
from bot.review.web.guard import Visit
from bot.store.accounts import Account, Action

HASHING = 2  # at once: each takes 64 MiB, and strangers can ask for it


T = TypeVar("T")


class Door:
    """The pages of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._few: CapacityLimiter | None = None

    async def login_page(self, request: Request) -> Response:
        return self.desk.show(request, "login.html", problem="", email="")

    async def login(self, request: Request) -> Response:
        form = await guard.read_form(request)
        if not guard.proven(self.desk, request, form):
            return self._again(request, form, "login_form", 403)
        email, address = form.get("email", ""), self.desk.peer(request)
        if not self.desk.tries.allowed(email, address):
            return self._again(request, form, "login_wait", 429)
        self.desk.tries.failed(email, address)  # before the check: tries at the same time count, too
        account = await self._slowly(
            partial(self.desk.door.admit, email, form.get("password", ""), form.get("code", ""))
        )
        if account is None:
            return self._again(request, form, "login_wrong", 403)
        self.desk.tries.forget(email, address)
        return await run_in_threadpool(self._enter, request, account)

    def _enter(self, request: Request, account: Account) -> Response:
        """A new session under a new id, whatever the browser had before."""
        self.desk.sessions.end(guard.cookie(request, self.desk))
        self.desk.accounts.record(self.desk.clock().date(), account.id, "", Action.LOGIN)
        response = guard.to(request, "")
        guard.set_cookie(response, request, self.desk, self.desk.sessions.begin(account.id, account.generation))
        return response

    def _again(self, request: Request, form: Mapping[str, str], problem: str, status: int) -> Response:
        email = form.get("email", "")[:254]
        return self.desk.show(request, "login.html", status=status, problem=self.desk.words(problem), email=email)

    async def invitation_page(self, request: Request) -> Response:
        return await run_in_threadpool(self._invitation, request, "", 200)

    def _invitation(self, request: Request, problem: str, status: int) -> Response:
        account = self._invited(request)
        if account is None:
            return self.desk.show(request, "invitation_over.html", status=404)
        told = self.desk.words(problem) if problem else ""
        path = f"einladung/{request.path_params['secret']}"
        return self.desk.show(request, "invitation.html", status=status, problem=told, email=account.email, path=path)

    def _invited(self, request: Request) -> Account | None:
        secret = accounts.hashed(str(request.path_params["secret"]))
        return self.desk.accounts.invited(secret, self.desk.clock().date())

    async def join(self, request: Request) -> Response:
        form = await guard.read_form(request)
        if not guard.proven(self.desk, request, form):
            raise HTTPException(403)
        account = await run_in_threadpool(self._invited, request)
        if account is None:
            return self.desk.show(request, "invitation_over.html", status=404)
        password = form.get("password", "")
        problem = accounts.weakness(password, account.email)
        if problem is None and password != form.get("again", ""):
            problem = "password_differs"
        if problem:
            return await run_in_threadpool(self._invitation, request, problem, 422)
        hashed = await self._slowly(partial(accounts.make_hash, password))
        return await run_in_threadpool(self._joined, request, hashed)

    def _joined(self, request: Request, password: str) -> Response:
        today = self.desk.clock().date()
        account = self.desk.accounts.join(accounts.hashed(str(request.path_params["secret"])), password, today)
        if account is None:
            return self.desk.show(request, "invitation_over.html", status=404)
        self.desk.accounts.record(today, account.id, "", Action.JOINED)
        return guard.to(request, "anmelden")

    def logout(self, visit: Visit) -> Response:
        self.desk.sessions.end(guard.cookie(visit.request, self.desk))
        return self._gone(visit)

    def logout_everywhere(self, visit: Visit) -> Response:
        self.desk.accounts.end_sessions(visit.account.id)
        self.desk.accounts.record(self.desk.clock().date(), visit.account.id, "", Action.LOGOUT_EVERYWHERE)
        return self._gone(visit)

    def _gone(self, visit: Visit) -> Response:
        """Back to the door, with a cookie that was never a session."""
        response = guard.to(visit.request, "anmelden")
        guard.set_cookie(response, visit.request, self.desk, guard.fresh_cookie())
        return response

    async def _slowly(self, work: partial[T]) -> T:
        if self._few is None:
            self._few = CapacityLimiter(HASHING)
        return await to_thread.run_sync(work, limiter=self._few)
