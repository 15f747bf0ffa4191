"""The house's NinjaAPI: UTF-8 JSON in and out, nothing unknown accepted, a document that says all the answers there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, ClassVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, re_path
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import Field

from linli.core.errors import NotFound

from .document import finish, operations_of
from .problems import MethodUnknown, handle_problems, problem_response
from .schemas import Out


class OrjsonParser(Parser):
    """Refuses what is not UTF-8, NaN, lone surrogates and nesting without end."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


class OrjsonRenderer(BaseRenderer):
    """Chinese as Chinese, moments in UTC with a Z."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class Api(NinjaAPI):
    """`community_prefix` is where `{code}` stands, which the middleware takes out before an operation is called."""

    community_prefix: ClassVar[str] = "/api/c/{code}/"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, renderer=OrjsonRenderer(), parser=OrjsonParser(), openapi_url=None, docs_url=None)
        handle_problems(self)
        self.add_decorator(_only_known_queries)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    @cached_property
    def document(self) -> Any:
        """The OpenAPI document, worked out once a process (it takes seconds)."""
        return self.get_openapi_schema()

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        document = super().get_openapi_schema(path_prefix=path_prefix or "/api/", path_params=path_params)
        return finish(document, community_prefix=self.community_prefix)

    def _get_urls(self) -> list[Any]:
        operations = [url for bound in self._get_bound_routers() for url in bound.urls_paths(bound.prefix)]
        for url in operations:
            url.callback = _saying_which_methods(url.callback)
        return [
            path("openapi.json", self.serve_document, name="openapi-json"),
            path("docs", self.serve_docs, name="openapi-view"),
            *operations,
            re_path("", _nothing_here),
        ]

    @method_decorator(require_safe)
    def serve_document(self, request: HttpRequest) -> HttpResponse:
        """The OpenAPI document, for everybody: it says what there is, not what is in it."""
        return HttpResponse(orjson.dumps(self.document), content_type="application/json")

    @method_decorator(require_safe)
    def serve_docs(self, request: HttpRequest) -> HttpResponse:
        """The document as a page, without scripts and without anybody else's server."""
        context = {"info": self.document["info"], "groups": operations_of(self.document)}
        return render(request, "core/api_docs.html", context)


def _only_known_queries(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse query parameters the operation does not know: `?sate=open` must not list everything."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        operation: Operation = view._ninja_operation  # type: ignore[attr-defined]
        queries = [model for model in operation.models if model.__ninja_param_source__ == "query"]
        known = {name for model in queries for name in getattr(model, "__ninja_flatten_map__", model.model_fields)}
        errors = [
            {"type": kind, "loc": ("query", name)}
            for name, values in request.GET.lists()
            for kind in ("query_unknown" if name not in known else "query_twice" if len(values) > 1 else "",)
            if kind
        ]
        if errors:
            raise ValidationError(errors)
        return view(request, *args, **kwargs)

    return checked


def _saying_which_methods(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        problem = problem_response(request, MethodUnknown())
        problem["Allow"] = response["Allow"]
        return problem

    return answered


@csrf_exempt
def _nothing_here(request: HttpRequest) -> HttpResponse:
    return problem_response(request, NotFound("接口里没有这个地址。请对照接口文档 /api/docs 看看拼写。"))


class FieldProblemOut(Out):
    """One thing to change in what was sent."""

    field: str
    detail: str


class ProblemOut(Out):
    """RFC 9457. `detail` says in Chinese what to do next, `code` is stable, `instance` is the request's id."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    field: str | None = None
    errors: list[FieldProblemOut] | None = None
    successor: str | None = Field(None, description="合并以后的新编号")
    people: list[str] | None = Field(None, description="说的是哪几位，例如还要写明关系的人")


def answers(shown: Any, *, status: int = 200, problems: tuple[int, ...] = ()) -> dict[Any, Any]:
    """The `response=` of an operation: what it shows, the problems every operation may answer with, and its own."""
    return {status: shown, **dict.fromkeys(sorted({401, 404, 422, 500, *problems}), ProblemOut)}


CHANGES = (400, 403, 409, 413)
"""What an operation that takes a body and changes something may answer besides."""
