"""Problem JSON (RFC 9457): every answer of the API that is not what was asked for, in plain Chinese.

Members: type, title, status, detail (what to do next), code (stable), instance (the request's id, also in the trail and the logs),
where something sent cannot be used: field, errors; successor, the id a merged record goes on under; people, whom it is about.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.log import log_response
from ninja.errors import AuthenticationError, HttpError, ValidationError

from linli.core import problem_pages
from linli.core.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from linli.core.problem_pages import BACK_SOON_SECONDS, is_database_away

from .sentences import sentence_for

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "请求没有读懂",
    401: "请先登录",
    403: "这一步要由别人来办",
    404: "没有找到",
    405: "这个地址不这样用",
    409: "这里刚刚有变化",
    410: "已经并入另一条",
    413: "内容太大",
    422: "有一处要再看看",
    429: "请稍等一会儿",
    500: "我们这边出了问题",
    503: "正在恢复",
}


class NotSignedIn(Problem):
    status, code = 401, "api.not_signed_in"
    message = "请先登录，或带上接口口令（Authorization: Bearer …）。口令在“我的”页面生成。"


class BodyUnreadable(Problem):
    status, code = 400, "api.body_unreadable"
    message = "请求体要写成 UTF-8 的 JSON。请检查括号、引号和编码。"


class RequestUnreadable(Problem):
    status, code = 400, "api.request_unreadable"
    message = "这个请求没有读懂。请对照接口文档检查参数的个数和写法。"


class BodyTooBig(Problem):
    status, code = 413, "api.body_too_big"
    message = "请求体最多 2 MB。请减少内容，分几次提交。"


class MethodUnknown(Problem):
    status, code = 405, "api.method_unknown"
    message = "这个地址不接受这种请求方法。请对照接口文档，换成允许的方法（见 Allow）。"


class Disagrees(Conflict):
    """The document allows what was sent, the register does not: a day to come, a number that does not hold together."""

    code, message = "api.disagrees", "登记的内容和这次要写的对不上。请先查看现在的登记，再试一次。"


@contextmanager
def as_written_here() -> Iterator[None]:
    """What cannot be used for what the register says is a conflict, under the code of what is the matter."""
    try:
        yield
    except Invalid as problem:
        told = Disagrees(problem.message, field=problem.field, **problem.facts)
        told.code = problem.code  # type: ignore[misc]
        raise told from problem


class OursToFix(Problem):
    status, code = 500, "api.ours_to_fix"
    message = "我们这边出了问题，已经记下，这一步没有办成。请过几分钟再试；还不行时，把编号（instance）告诉管理员。"


class ComingBack(Problem):
    status, code = 503, "api.coming_back"
    message = "我们正在恢复，这一步没有办成。请一分钟后再试，同一个编号不会记两遍。"

    def __init__(self) -> None:
        super().__init__(retry_after=BACK_SOON_SECONDS)


def problem_response(request: HttpRequest, problem: Problem, *, errors: Sequence[dict[str, str]] = ()) -> HttpResponse:
    """`problem` as a response; 401 says how to sign in, 429 when to come back."""
    body: dict[str, Any] = {
        "type": f"urn:linli:problem:{problem.code}",
        "title": TITLES.get(problem.status) or HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
    }
    if request_id := getattr(request, "request_id", None):
        body["instance"] = f"urn:uuid:{request_id}"
    if problem.field:
        body["field"] = problem.field
    if errors or problem.field:
        body["errors"] = [*errors] or [{"field": problem.field, "detail": problem.message}]
    if "successor" in problem.facts:
        body["successor"] = str(problem.facts["successor"])
    if "people" in problem.facts:
        body["people"] = [str(each) for each in problem.facts["people"]]
    response = HttpResponse(orjson.dumps(body), status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if "retry_after" in problem.facts:
        response["Retry-After"] = str(problem.facts["retry_after"])
    return response


def _unusable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What pydantic found, said in Chinese; its own words never leave the house."""
    errors = [sentence_for(found) for found in error.errors]
    problem = Invalid(errors[0]["detail"], field=errors[0]["field"])
    return problem_response(request, problem, errors=errors)


def _of_framework(request: HttpRequest, error: HttpError) -> HttpResponse:
    problem = BodyUnreadable() if error.status_code == 400 else RequestUnreadable()
    return problem_response(request, problem)


def _bug(request: HttpRequest, error: Exception) -> HttpResponse:
    """A failure nobody expected: logged and signalled like any other of Django's, answered with the request's id."""
    got_request_exception.send(sender=None, request=request)
    response = problem_response(request, OursToFix())
    log_response("Internal Server Error: %s", request.path, response=response, request=request, exception=error)
    return response


def handle_problems(api: Any) -> None:
    """Give the NinjaAPI `api` this house's answers."""
    known: dict[type[Exception], Any] = {
        Problem: problem_response,
        ValidationError: _unusable,
        AuthenticationError: lambda request, _: problem_response(request, NotSignedIn()),
        HttpError: _of_framework,
        Http404: lambda request, _: problem_response(request, NotFound()),
        PermissionDenied: lambda request, _: problem_response(request, NotAllowed()),
        RequestDataTooBig: lambda request, _: problem_response(request, BodyTooBig()),
        SuspiciousOperation: lambda request, _: problem_response(request, RequestUnreadable()),
        Exception: _bug,
    }
    for kind, handler in known.items():
        api.add_exception_handler(kind, handler)


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400` of the whole site: JSON for the API, the page for everybody else."""
    if not is_api(request):
        return problem_pages.bad_request(request, exception)
    return problem_response(request, RequestUnreadable())


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler403`, as above."""
    return problem_response(request, NotAllowed()) if is_api(request) else problem_pages.not_allowed(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler404`, as above: an unknown community is met before any operation is."""
    return problem_response(request, NotFound()) if is_api(request) else problem_pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`, as above."""
    if not is_api(request):
        return problem_pages.server_error(request)
    return problem_response(request, ComingBack() if is_database_away(sys.exc_info()[1]) else OursToFix())
