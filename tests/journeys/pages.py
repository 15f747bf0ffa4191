"""Every page of the product, with the person who uses it most: what is measured, read by axe and drawn for the gallery.

A new page needs a row here (tests/journeys/test_pages_table.py says which one is missing), and rows of tests/journeys/stage.py for its `{}`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProductPage:
    """One page in one condition. `path` without a leading slash is inside 仓基新村; `{name}` in it is a row of the stage.

    `who` is a person of tests/cast.py ("" is nobody yet; `CODE` is waiting for a code). The `most_used` pages are read in all four themes
    by every run of the tests, the others only with `./run test --all`. `status` is what the page answers.
    """

    name: str
    path: str
    who: str = ""
    most_used: bool = False
    status: int = 200


CODE = "路人"
"""Somebody who asked for a code and has not yet typed it."""
BEGUN = "孙阿姨"
"""Somebody whose report is written but not sent."""
RESIDENT, SPECIALIST, SECRETARY, OFFICIAL = "王桂英", "李娜", "赵敏", "周国平"
PARTY = "陈明"
"""Who answers for a partner unit."""
ADMINISTRATOR, SECURITY, AUDIT = "管理员", "安全员", "审计员"
NOWHERE = "00000000-0000-0000-0000-000000000000"

PUBLIC_PAGES = [
    ProductPage("sign-in", "/sign-in/", most_used=True),
    ProductPage("sign-in-code", "/sign-in/code/", CODE, most_used=True),
    ProductPage("sign-in-staff", "/sign-in/staff/"),
    ProductPage("nowhere", "/nowhere/", status=404),
    ProductPage("help-everywhere", "/help/"),
    ProductPage("demo-door", "/demo/"),
    ProductPage("home-closed", "", most_used=False),
]
RESIDENT_PAGES = [
    ProductPage("home", "", RESIDENT, most_used=True),
    ProductPage("report", "report/", RESIDENT, most_used=True),
    ProductPage("report-kind", "report/?kind=leak", RESIDENT),
    ProductPage("scanned", "q/{sticker_token}/", RESIDENT),
    ProductPage("report-scanned", "report/?at={sticker_token}", RESIDENT),
    ProductPage("report-begun", "report/", BEGUN),
    ProductPage("report-check", "report/check/", BEGUN, most_used=True),
    ProductPage("saved", "matters/{reported}/saved/", RESIDENT, most_used=True),
    ProductPage("mine", "matters/", RESIDENT, most_used=True),
    ProductPage("matter", "matters/{reported}/", RESIDENT, most_used=True),
    ProductPage("matter-late", "matters/{late}/", RESIDENT),
    ProductPage("matter-answered", "matters/{fed_back}/", RESIDENT, most_used=True),
    ProductPage("matter-closed", "matters/{closed}/", RESIDENT),
    ProductPage("look-up", "look-up/", most_used=True),
    ProductPage("party-door", "u/{seat}/"),
    ProductPage("party", "party/", PARTY, most_used=True),
    ProductPage("party-called", "party/called/{called}/", PARTY),
    ProductPage("party-handover", "party/{handover}/", PARTY, most_used=True),
    ProductPage("me", "me/", RESIDENT, most_used=True),
    ProductPage("link", "me/link/", RESIDENT),
    ProductPage("my-data", "me/data/", RESIDENT, most_used=True),
    ProductPage("my-correction", "me/data/{resident}/correct/phone/", RESIDENT),
    ProductPage("my-looks", "me/looks/", RESIDENT),
    ProductPage("my-consents", "me/consents/", RESIDENT),
    ProductPage("my-requests", "me/requests/", RESIDENT),
    ProductPage("errands", "errands/", RESIDENT),
    ProductPage("errand", "errands/{visit_errand}/", RESIDENT),
    ProductPage("help", "help/?q=大字", RESIDENT, most_used=True),
    ProductPage("matter-not-mine", f"matters/{NOWHERE}/", RESIDENT, status=404),
]
DESK_PAGES = [
    ProductPage("communities", "/", ADMINISTRATOR),
    ProductPage("account", "/account/", SPECIALIST, most_used=True),
    ProductPage("keepers", "/keepers/", ADMINISTRATOR),
    ProductPage("keepers-account", "/keepers/{account}/", SECURITY),
    ProductPage("keepers-trail", "/keepers/trail/", AUDIT),
    ProductPage("account-app", "/account/app/", SPECIALIST),
    ProductPage("account-password", "/account/password/", SPECIALIST),
    ProductPage("account-confirm", "/account/confirm/", SPECIALIST),
    ProductPage("street", "/street/", OFFICIAL, most_used=True),
    ProductPage("street-find", "/street/find/", OFFICIAL),
    ProductPage("desk", "desk/", SPECIALIST, most_used=True),
    ProductPage("desk-nothing", "desk/?q=nothing", SPECIALIST),
    ProductPage("desk-open", "desk/?open={accepted}", SPECIALIST, most_used=True),
    ProductPage("desk-matter-new", "desk/matters/{new}/", SPECIALIST, most_used=True),
    ProductPage("desk-matter", "desk/matters/{accepted}/", SPECIALIST, most_used=True),
    ProductPage("desk-matter-late", "desk/matters/{late}/", SPECIALIST),
    ProductPage("desk-matter-answered", "desk/matters/{fed_back}/", SPECIALIST),
    ProductPage("desk-matter-closed", "desk/matters/{closed}/", SPECIALIST),
    ProductPage("desk-matter-handed", "desk/matters/{handed_on}/", SPECIALIST, most_used=True),
    ProductPage("desk-matter-to-check", "desk/matters/{to_check}/", SPECIALIST),
    ProductPage("desk-hand-on", "desk/matters/{accepted}/hand-on/", SPECIALIST, most_used=True),
    ProductPage("desk-report", "desk/report/", SPECIALIST, most_used=True),
    ProductPage("desk-report-for", "desk/report/?resident={resident}", SPECIALIST),
    ProductPage("desk-slip", "desk/matters/{accepted}/slip/", SPECIALIST),
    ProductPage("desk-slip-80", "desk/matters/{accepted}/slip/?paper=80", SPECIALIST),
    ProductPage("units", "desk/units/", SECRETARY),
    ProductPage("desk-call", "desk/matters/{accepted}/call/", SECRETARY),
    ProductPage("desk-matter-called", "desk/matters/{handed_on}/", SECRETARY),
    ProductPage("desk-like", "desk/matters/{accepted}/like/", SPECIALIST),
    ProductPage("supervisions", "desk/supervisions/", SECRETARY),
    ProductPage("hooks", "desk/hooks/", SECRETARY),
    ProductPage("hook", "desk/hooks/{hook}/", SECRETARY),
    ProductPage("stickers", "desk/stickers/", SPECIALIST),
    ProductPage("sticker-prints", "desk/stickers/print/", SPECIALIST),
    ProductPage("hotline", "desk/hotline/", SECRETARY),
    ProductPage("hotline-sheet", "desk/hotline/{hotline_sheet}/", SECRETARY),
    ProductPage("desk-asks", "desk/asks/", SECRETARY),
    ProductPage("find", "desk/find/", SPECIALIST),
    ProductPage("waiting", "desk/waiting/", SECRETARY),
    ProductPage("desk-help", "desk/help/", SPECIALIST),
    ProductPage("desk-refused", "desk/trail/", SPECIALIST, status=403),
    ProductPage("residents", "desk/residents/", SPECIALIST),
    ProductPage("resident", "desk/residents/{resident}/", SPECIALIST, most_used=True),
    ProductPage("resident-change", "desk/residents/{resident}/change/phone/", SPECIALIST),
    ProductPage("resident-change-name", "desk/residents/{resident}/change/name/", SPECIALIST),
    ProductPage("resident-grant", "desk/residents/{resident}/categories/add/", SPECIALIST),
    ProductPage("resident-end", "desk/residents/categories/{category}/end/", SPECIALIST),
    ProductPage("resident-put-category", "desk/residents/categories/{category}/put/", SPECIALIST),
    ProductPage("resident-history", "desk/residents/{resident}/history/?on=2026-01-01&known_on=2026-03-01", SPECIALIST),
    ProductPage("lived", "desk/residents/lived/{building}/?on=2026-03-01", SPECIALIST),
    ProductPage("freshness", "desk/residents/freshness/", SECRETARY),
    ProductPage("fresh-building", "desk/residents/freshness/{building}/", SPECIALIST),
    ProductPage("corrections", "desk/residents/corrections/", SECRETARY),
    ProductPage("resident-document-add", "desk/residents/{resident}/documents/add/", SPECIALIST),
    ProductPage("resident-document", "desk/residents/documents/{document}/", SPECIALIST),
    ProductPage("likely", "desk/residents/likely/", SECRETARY),
    ProductPage("merge", "desk/residents/likely/{resident}/{twin}/", SECRETARY),
    ProductPage("household", "desk/residents/households/{household}/", SPECIALIST),
    ProductPage("dwelling", "desk/residents/dwellings/{dwelling}/", SPECIALIST),
    ProductPage("life-marry", "desk/residents/{resident}/marry/", SPECIALIST),
    ProductPage("life-divorce", "desk/residents/{resident}/divorce/", SPECIALIST),
    ProductPage("life-widow", "desk/residents/{resident}/widow/", SPECIALIST),
    ProductPage("life-change-class", "desk/residents/{resident}/change-class/", SPECIALIST),
    ProductPage("life-leave", "desk/residents/{resident}/leave/", SPECIALIST),
    ProductPage("life-come-back", "desk/residents/{resident}/come-back/", SPECIALIST),
    ProductPage("life-register-at", "desk/residents/{resident}/register-at/", SPECIALIST),
    ProductPage("life-name-guardian", "desk/residents/{resident}/name-guardian/", SPECIALIST),
    ProductPage("life-birth", "desk/residents/households/{household}/birth/", SPECIALIST),
    ProductPage("life-split", "desk/residents/households/{household}/split/", SPECIALIST),
    ProductPage("life-change-head", "desk/residents/households/{household}/change-head/", SPECIALIST),
    ProductPage("life-move", "desk/residents/households/{household}/move/", SPECIALIST),
    ProductPage("life-join", "desk/residents/households/{household}/join/", SPECIALIST),
    ProductPage("life-merge-household", "desk/residents/households/{household}/merge-household/", SPECIALIST),
    ProductPage("life-arrive", "desk/residents/dwellings/{dwelling}/arrive/", SPECIALIST),
    ProductPage("life-form-household", "desk/residents/dwellings/{dwelling}/form-household/", SPECIALIST),
    ProductPage("worktime", "desk/worktime/?day=2026-10-10", SECRETARY),
    ProductPage("buildings", "desk/places/", SPECIALIST),
    ProductPage("building", "desk/places/buildings/{building}/", SPECIALIST),
    ProductPage("organisations", "desk/organisations/", SECRETARY),
    ProductPage("organisations-partners", "desk/organisations/?group=partner", SPECIALIST),
    ProductPage("organisation", "desk/organisations/{partner}/", SECRETARY),
    ProductPage("organisation-branch", "desk/organisations/{branch}/", SPECIALIST),
    ProductPage("organisation-add", "desk/organisations/add/?kind=partner_unit", SPECIALIST),
    ProductPage("organisation-change", "desk/organisations/{partner}/change/", SECRETARY),
    ProductPage("five-lists", "desk/organisations/lists/", SPECIALIST, most_used=True),
    ProductPage("venue", "desk/organisations/venues/{venue}/", SECRETARY),
    ProductPage("venue-add", "desk/organisations/venues/add/", SECRETARY),
    ProductPage("project", "desk/organisations/projects/{project}/", SECRETARY),
    ProductPage("project-add", "desk/organisations/projects/add/", SECRETARY),
    ProductPage("imports", "desk/imports/", SECRETARY),
    ProductPage("import-columns", "desk/imports/{roster_read}/", SECRETARY),
    ProductPage("import-checked", "desk/imports/{roster_checked}/", SECRETARY, most_used=True),
    ProductPage("import-done", "desk/imports/{roster_done}/", SECRETARY),
    ProductPage("groups", "desk/lists/", SECRETARY),
    ProductPage("group-save", "desk/lists/save/?what=resident.age&op=ge&value=80", SECRETARY),
    ProductPage("group", "desk/lists/{group}/", SECRETARY),
    ProductPage(
        "residents-narrowed",
        "desk/residents/?what=resident.age&op=ge&value=80&add=category.kind",
        SECRETARY,
        most_used=True,
    ),
    ProductPage("change", "desk/lists/change/", SECRETARY),
    ProductPage("change-what", "desk/lists/change/?do=grant", SECRETARY),
    ProductPage("changes", "desk/lists/changes/", SECRETARY),
    ProductPage("change-page", "desk/lists/changes/{change}/", SECRETARY),
    ProductPage("export", "desk/lists/export/?what=resident.age&op=ge&value=80", SECRETARY),
    ProductPage("exports", "desk/lists/exports/", SECRETARY),
    ProductPage("export-page", "desk/lists/exports/{export}/", SECRETARY),
    ProductPage("visits", "desk/visits/", SPECIALIST, most_used=True),
    ProductPage("visits-give", "desk/visits/?view=all&give=1", SECRETARY),
    ProductPage("visit-door", "desk/visits/doors/{dwelling}/?same=1", SPECIALIST, most_used=True),
    ProductPage("visit-session", "desk/visits/sessions/{visit_session}/", SPECIALIST),
    ProductPage("visit-person", "desk/visits/people/{resident}/", SPECIALIST),
    ProductPage("visit-rate", "desk/visits/rate/?who=all", SECRETARY),
    ProductPage("visit-policies", "desk/visits/policies/", SECRETARY),
    ProductPage("visit-policy-add", "desk/visits/policies/add/", SECRETARY),
    ProductPage("visit-policy", "desk/visits/policies/{visit_policy}/", SECRETARY),
    ProductPage("messages", "desk/messages/", SECRETARY),
    ProductPage("calls", "desk/messages/calls/", SECRETARY),
    ProductPage("links", "desk/links/", SECRETARY),
    ProductPage("posts", "desk/posts/", SECRETARY),
    ProductPage("emergency", "desk/emergency/", SPECIALIST),
    ProductPage("emergency-review", "desk/emergency/", SECRETARY),
    ProductPage("trail", "desk/trail/", SECRETARY),
    ProductPage("rights-queue", "desk/rights/", SECRETARY),
    ProductPage("rights-answer", "desk/rights/{rights_request}/", SECRETARY),
    ProductPage("rights-kept", "desk/rights/retention/", SECRETARY),
    ProductPage("rights-person", "desk/rights/people/{resident}/", SPECIALIST),
    ProductPage("readings", "desk/readings/", SECRETARY),
    ProductPage("reading-paused", "desk/readings/why/", SPECIALIST),
    ProductPage("figures", "desk/figures/", SECRETARY, most_used=True),
    ProductPage("kinds", "desk/kinds/", SECRETARY),
    ProductPage("kind", "desk/kinds/{kind}/", SECRETARY),
    ProductPage("routing", "desk/routing/", SECRETARY),
    ProductPage("rule-add", "desk/routing/add/", SECRETARY),
    ProductPage("rule", "desk/routing/{rule}/", SECRETARY),
    ProductPage("on-duty", "desk/on-duty/", SECRETARY),
    ProductPage("month", "desk/month/", SECRETARY, most_used=True),
    ProductPage("first-day", "desk/first-day/", SECRETARY),
    ProductPage("first-day-areas", "desk/first-day/areas/", SECRETARY),
    ProductPage("first-day-buildings", "desk/first-day/buildings/", SECRETARY),
    ProductPage("first-day-people", "desk/first-day/people/", SECRETARY),
    ProductPage("first-day-staff", "desk/first-day/staff/", SECRETARY),
]
PAGES = [*PUBLIC_PAGES, *RESIDENT_PAGES, *DESK_PAGES]

WITHOUT_A_PAGE = {
    "api:openapi-json": "a document",
    "api:openapi-view": "a page for developers, with a renderer that is not ours",
    "accounts:second": "there only between a right password and what follows; its journey measures it",
    "file": "a picture or a table",
    "imports:wrong": "a table with the rows that want mending",
    "matters:kind_parts": "a part of the report's page",
    "matters:calendar": "a day for one's own calendar",
    "styles": "the sheet of components, for those who build pages; each is measured where it is used",
    "styles_sample": "one component of that sheet",
    **dict.fromkeys(
        (f"intake:open311_{name}" for name in ("discovery", "services", "service", "requests", "request", "token")),
        "JSON or XML for a program",
    ),
    "live_poll": "JSON for a script",
    "help_topics": "JSON for a script",
}
"""Addresses that answer GET with something else than a page of ours, and what."""
