"""The door of an organisation's inbox: the link it was sent, and a code to the phone the register knows."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from linli.core import clock
from linli.core.errors import Problem
from linli.core.masking import mask_phone

from . import actions, queries_seats
from .entering import fails
from .requests import Request
from .views_public import address_of, wait_for_code


@require_http_methods(["GET", "HEAD", "POST"])
def door(request: Request, seat: str) -> HttpResponse:
    """One button: the code goes to the phone of whoever answers for the organisation. Signed in already: straight in."""
    found = queries_seats.seat_by_code(seat)
    if found is None or not found.post.holds_on(clock.today()):
        raise actions.SeatGone()
    inbox = reverse("matters:party")
    if request.account is not None and request.account.pk == found.account_id:
        return redirect(inbox)
    to, form, status = (
        mask_phone(queries_seats.phone_of(found.post) or ""),
        Form(request.POST if request.method == "POST" else None),
        200,
    )
    if request.method == "POST":
        try:
            asked = actions.ask_code_for(found, address=address_of(request))
            wait_for_code(request, asked, to=to, where=inbox)
            return redirect("accounts:code")
        except Problem as problem:
            status = fails(form, problem)
    context = {"organisation": found.post.organisation, "to": to, "form": form}
    return render(request, "accounts/party_door.html", context, status=status)
