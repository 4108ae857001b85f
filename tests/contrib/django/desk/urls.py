"""The pages of the desk."""

from django.contrib import admin
from django.urls import include, path

from tests.contrib.django.desk import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("kustomer/", include("kustomer_orm.contrib.django.urls")),
    path("current/", views.show_current),
    path("twice/<str:id>/", views.twice),
    path("async-twice/<str:id>/", views.async_twice),
    path("async-alone/<str:id>/", views.async_alone),
    path("conversations/<str:id>/", views.conversation),
    path("missing/<str:id>/", views.missing),
    path("broken/<str:id>/", views.broken),
    path("stream/", views.stream),
    path("async-stream/", views.async_stream),
    path("edit/<str:id>/", views.edit),
    path("edit/<str:id>/<str:kind>/", views.edit),
    path("new/", views.edit),
    path("edit-at-length/<str:id>/", views.edit_at_length),
    path("edit-loaded/<str:id>/", views.edit_loaded),
    path("async-edit/<str:id>/", views.async_edit),
    path("edit-two/<str:id>/<str:other>/", views.edit_two),
    path("edit-and-fail/<str:id>/", views.edit_and_fail),
    path("list/", views.ticket_list),
]
