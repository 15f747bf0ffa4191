"""Addresses within a community: 我的, and on the desk the requests for links and the posts."""

from django.urls import path

from . import views_desk as desk
from . import views_emergency as emergency
from . import views_party as party
from . import views_resident as resident
from . import views_trail as trail

app_name = "me"
urlpatterns = [
    path("u/<slug:seat>/", party.door, name="party_door"),
    path("me/", resident.me, name="page"),
    path("me/link/", resident.link, name="link"),
    path("me/link/<uuid:link_id>/end/", resident.end_link, name="end_link"),
    path("me/tokens/make/", resident.make_token, name="make_token"),
    path("me/tokens/<uuid:token_id>/revoke/", resident.revoke_token, name="revoke_token"),
    path("me/sign-out-everywhere/", resident.sign_out_everywhere, name="sign_out_everywhere"),
    path("desk/links/", desk.links, name="links"),
    path("desk/links/<uuid:link_id>/confirm/", desk.confirm_link, name="confirm_link"),
    path("desk/links/<uuid:link_id>/refuse/", desk.refuse_link, name="refuse_link"),
    path("desk/trail/", trail.page, name="trail"),
    path("desk/emergency/", emergency.page, name="emergency"),
    path("desk/emergency/<uuid:emergency_id>/close/", emergency.close, name="close_emergency"),
    path("desk/emergency/<uuid:emergency_id>/review/", emergency.review, name="review_emergency"),
    path("desk/posts/", desk.posts, name="posts"),
    path("desk/posts/<uuid:post_id>/end/", desk.end_post, name="end_post"),
]
