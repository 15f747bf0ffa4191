"""What every app's `api.py` is made of."""

from .framework import CHANGES, Api, answers
from .paging import Page, PageIn, page
from .problems import NotSignedIn, as_written_here, bad_request, not_allowed, not_found, problem_response, server_error
from .schemas import Id, In, Moment, Out, mask_numbers, matching, text, whole, words

__all__ = [
    "CHANGES",
    "Api",
    "Id",
    "In",
    "Moment",
    "NotSignedIn",
    "Out",
    "Page",
    "PageIn",
    "answers",
    "as_written_here",
    "bad_request",
    "mask_numbers",
    "matching",
    "not_allowed",
    "not_found",
    "page",
    "problem_response",
    "server_error",
    "text",
    "whole",
    "words",
]
