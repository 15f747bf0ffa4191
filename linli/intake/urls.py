from django.urls import path

from . import open311, views_desk, views_public

app_name = "intake"
urlpatterns = [
    path("q/<slug:token>/", views_public.scanned, name="scanned"),
    path("desk/stickers/", views_desk.stickers, name="stickers"),
    path("desk/stickers/print/", views_desk.prints, name="prints"),
    path("desk/stickers/<uuid:sticker_id>/take-down/", views_desk.take_down, name="take_down"),
    path("desk/hotline/", views_desk.hotline, name="hotline"),
    path("desk/hotline/<uuid:sheet_id>/", views_desk.sheet, name="sheet"),
    path("open311/v2/discovery.<slug:form>", open311.discovery, name="open311_discovery"),
    path("open311/v2/services.<slug:form>", open311.services, name="open311_services"),
    path("open311/v2/services/<slug:service>.<slug:form>", open311.service, name="open311_service"),
    path("open311/v2/requests.<slug:form>", open311.requests, name="open311_requests"),
    path("open311/v2/requests/<str:number>.<slug:form>", open311.one_request, name="open311_request"),
    path("open311/v2/tokens/<str:number>.<slug:form>", open311.token, name="open311_token"),
]
