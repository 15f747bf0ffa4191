"""The access table of routes: for every address, who may open it. A route missing here fails tests/test_isolation.py.

Audiences: "anyone" (no sign-in), "signed_in" (anybody with an account, own things only), "staff" (a post in that community), "with_password"
(accounts of staff, own things only), "overseer" (an official of any street, or an administrator), or a Permission. `subject` says whose id stands in the address, so that the matrix can put another community's id there.
"""

from __future__ import annotations

from dataclasses import dataclass

from linli.core.access import Permission as P


@dataclass(frozen=True)
class Route:
    """`verbs` are those the view offers; POST bodies of the matrix are empty, so an allowed POST may also answer 4xx for its fields."""

    audience: str | P
    subject: str = ""
    verbs: tuple[str, ...] = ("GET",)
    query: str = ""
    body: str = "{}"  # what the API is sent: whole, so that rights and not a missing field decide


GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")

ROUTES: dict[str, Route] = {
    # outside communities
    "accounts:home": Route("anyone"),
    "accounts:sign_in": Route("anyone", verbs=BOTH),
    "accounts:code": Route("anyone", verbs=BOTH),
    "accounts:resend": Route("anyone", verbs=POST),
    "accounts:staff": Route("anyone", verbs=BOTH),
    "accounts:second": Route("anyone", verbs=BOTH),
    "accounts:ask_passkey": Route("anyone", verbs=POST),
    "accounts:check_passkey": Route("anyone", verbs=POST),
    "accounts:sign_out": Route("anyone", verbs=POST),
    "accounts:safety": Route("signed_in"),
    "accounts:end_session": Route("signed_in", "session", POST),
    "accounts:end_others": Route("signed_in", verbs=POST),
    "accounts:confirm": Route("with_password", verbs=BOTH),
    "accounts:password": Route("with_password", verbs=BOTH),
    "accounts:app": Route("with_password", verbs=BOTH),
    "accounts:codes": Route("with_password", verbs=POST),
    "accounts:begin_passkey": Route("with_password", verbs=POST),
    "accounts:add_passkey": Route("with_password", verbs=POST),
    "accounts:drop_passkey": Route("with_password", "passkey", POST),
    "street:board": Route("overseer"),
    "look": Route("anyone", verbs=POST),
    "demo:door": Route("anyone"),  # in the demo only
    "demo:enter": Route("anyone", verbs=POST),
    "demo:quiet": Route("anyone", verbs=POST),
    "help": Route("anyone"),
    "help_everywhere": Route("anyone"),
    "help_topics": Route("anyone"),
    "styles": Route("anyone"),  # in the demo only
    "styles_sample": Route("anyone", query="?name=button"),
    "api:openapi-json": Route("anyone"),
    "api:openapi-view": Route("anyone"),
    "api:list_communities": Route("signed_in"),
    # residents' pages
    "matters:home": Route("anyone"),
    "matters:report": Route("signed_in", verbs=BOTH),
    "matters:check_report": Route("signed_in", verbs=BOTH),
    "matters:mine": Route("signed_in"),
    "matters:matter": Route("signed_in", "matter"),
    "matters:saved": Route("signed_in", "matter"),
    "matters:calendar": Route("signed_in", "matter"),
    "matters:add": Route("signed_in", "matter", POST),
    "matters:confirm": Route("signed_in", "matter", POST),
    "matters:reopen": Route("signed_in", "matter", POST),
    "file": Route("signed_in", "file"),
    "draft": Route("signed_in", "draft", POST),
    "draft_forget": Route("signed_in", "draft", POST),
    "live_poll": Route(P.DESK_OPEN),
    "me:page": Route("signed_in"),
    "me:link": Route("signed_in", verbs=BOTH),
    "me:end_link": Route("signed_in", "link", POST),
    "me:make_token": Route("signed_in", verbs=POST),
    "me:revoke_token": Route("signed_in", "token", POST),
    "me:sign_out_everywhere": Route("signed_in", verbs=POST),
    "rights:data": Route("signed_in"),
    "rights:copy_json": Route("signed_in", verbs=POST),
    "rights:looks": Route("signed_in"),
    # the desk
    "rights:readings": Route(P.TRAIL_SEE),
    "rights:paused": Route(P.DESK_OPEN, verbs=BOTH),
    "help_desk": Route(P.DESK_OPEN),
    "matters:desk_list": Route(P.DESK_OPEN),
    "desk:first_day": Route(P.PLACES_KEEP),
    "desk:first_day_areas": Route(P.PLACES_KEEP, verbs=BOTH),
    "desk:first_day_buildings": Route(P.PLACES_KEEP, verbs=BOTH),
    "desk:first_day_people": Route(P.RESIDENTS_LINK, verbs=BOTH),
    "desk:first_day_staff": Route(P.POSTS_GRANT, verbs=BOTH),
    "desk:put_aside": Route(P.PLACES_KEEP, verbs=POST),
    "desk:take_up": Route(P.PLACES_KEEP, verbs=POST),
    "desk:figures": Route(P.FIGURES_SEE),
    "desk:find": Route(P.DESK_OPEN, verbs=BOTH),
    "matters:desk_report": Route(P.MATTERS_REPORT_FOR_OTHERS, verbs=BOTH),
    "matters:find_person": Route(P.MATTERS_REPORT_FOR_OTHERS, verbs=POST),
    "matters:slip": Route(P.DESK_OPEN, "matter"),
    "matters:month": Route(P.FIGURES_SEE),
    "matters:ask_month_table": Route(P.FIGURES_EXPORT, verbs=POST),
    "matters:desk_matter": Route(P.DESK_OPEN, "matter"),
    "matters:accept": Route(P.MATTERS_HANDLE, "matter", POST),
    "matters:put_back": Route(P.MATTERS_HANDLE, "matter", POST),
    "matters:pass": Route(P.MATTERS_HANDLE, "matter", POST),
    "matters:refuse": Route(P.MATTERS_HANDLE, "matter", POST),
    "matters:note": Route(P.MATTERS_HANDLE, "matter", POST),
    "matters:feed_back": Route(P.MATTERS_HANDLE, "matter", POST),
    "matters:call_back": Route(P.MATTERS_HANDLE, "matter", POST),
    "matters:contact": Route(P.MATTERS_HANDLE, "matter", POST),
    "me:links": Route(P.RESIDENTS_LINK),
    "me:confirm_link": Route(P.RESIDENTS_LINK, "open_link", POST),
    "me:refuse_link": Route(P.RESIDENTS_LINK, "open_link", POST),
    "me:posts": Route(P.POSTS_GRANT, verbs=BOTH),
    "me:end_post": Route(P.POSTS_GRANT, "post", POST),
    "me:trail": Route(P.TRAIL_SEE),
    "residents:list": Route(P.RESIDENTS_SEE),
    "residents:search": Route(P.RESIDENTS_SEE, verbs=POST),
    "residents:page": Route(P.RESIDENTS_SEE, "resident"),
    "residents:reveal": Route(P.RESIDENTS_REVEAL, "resident", POST),
    "residents:confirm": Route(P.RESIDENTS_LINK, "resident", POST),
    "residents:change": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:add_document": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:document": Route(P.RESIDENTS_LINK, "document", BOTH),
    "residents:drop_document": Route(P.RESIDENTS_LINK, "document", POST),
    "residents:household": Route(P.RESIDENTS_SEE, "household"),
    "residents:dwelling": Route(P.RESIDENTS_SEE, "dwelling"),
    "residents:marry": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:divorce": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:widow": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:change_class": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:leave": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:come_back": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:register_at": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:name_guardian": Route(P.RESIDENTS_LINK, "resident", BOTH),
    "residents:birth": Route(P.RESIDENTS_LINK, "household", BOTH),
    "residents:split": Route(P.RESIDENTS_LINK, "household", BOTH),
    "residents:change_head": Route(P.RESIDENTS_LINK, "household", BOTH),
    "residents:move": Route(P.RESIDENTS_LINK, "household", BOTH),
    "residents:join": Route(P.RESIDENTS_LINK, "household", BOTH),
    "residents:form_household": Route(P.RESIDENTS_LINK, "dwelling", BOTH),
    "imports:list": Route(P.REGISTER_IMPORT, verbs=BOTH),
    "imports:page": Route(P.REGISTER_IMPORT, "import"),
    "imports:columns": Route(P.REGISTER_IMPORT, "import", POST),
    "imports:decide": Route(P.REGISTER_IMPORT, "import", POST),
    "imports:start": Route(P.REGISTER_IMPORT, "import", POST),
    "imports:drop": Route(P.REGISTER_IMPORT, "import", POST),
    "imports:undo": Route(P.REGISTER_IMPORT, "import", POST),
    "imports:wrong": Route(P.REGISTER_IMPORT, "import"),
    "places:buildings": Route(P.PLACES_SEE),
    "places:building": Route(P.PLACES_SEE, "building"),
    "organisations:branches": Route(P.DESK_OPEN),
    "notices:messages": Route(P.MESSAGES_SEE),
    "notices:calls": Route(P.MESSAGES_SEE),
    "notices:number": Route(P.MESSAGES_SEE, "message", POST),
    "notices:done": Route(P.MESSAGES_SEE, "message", POST),
    "notices:no_answer": Route(P.MESSAGES_SEE, "message", POST),
    # the API
    "api:list_sub_areas": Route("signed_in"),
    "api:list_buildings": Route("signed_in"),
    "api:get_building": Route("signed_in", "building"),
    "api:list_residents": Route("signed_in"),
    "api:get_resident": Route("signed_in", "resident"),
    "api:list_kinds": Route("signed_in"),
    "api:list_matters": Route("signed_in", verbs=BOTH),  # POST here is report_matter
    "api:report_matter": Route("signed_in", verbs=BOTH),
    "api:get_matter": Route("signed_in", "matter"),
    "api:accept_matter": Route(P.MATTERS_HANDLE, "matter", POST),
    "api:pass_matter": Route(P.MATTERS_HANDLE, "matter", POST),
    "api:refuse_matter": Route(P.MATTERS_HANDLE, "matter", POST, body='{"words": "试"}'),
    "api:note_matter": Route(P.MATTERS_HANDLE, "matter", POST, body='{"words": "试"}'),
    "api:answer_matter": Route(P.MATTERS_HANDLE, "matter", POST, body='{"ending": "solved", "words": "试"}'),
    "api:confirm_matter": Route("signed_in", "matter", POST),
    "api:reopen_matter": Route("signed_in", "matter", POST, body='{"words": "试"}'),
    "api:call_back_matter": Route(P.MATTERS_HANDLE, "matter", POST, body='{"words": "试"}'),
    "api:get_month_figures": Route(P.FIGURES_SEE, query="?month=2026-11"),
    "api:list_messages": Route(P.MESSAGES_SEE),
    "api:record_receipt": Route("anyone", verbs=POST),  # a provider signs its call instead of signing in
    "api:": Route("anyone", verbs=()),  # everything else under /api/ is a 404 in JSON
    "api:get_file": Route("signed_in", "file"),
}
