"""The pages of the project."""

from desk import views
from django.contrib import admin
from django.urls import path

from kustomer_orm.contrib.django.webhooks import webhook_view

urlpatterns = [
    path("", views.conversations, name="conversations"),
    path("conversations/<str:id>/", views.edit, name="edit"),
    path("conversations/<str:id>/changed/", views.changed, name="changed"),
    path("tickets/", views.tickets, name="tickets"),
    path("name/", views.name, name="name"),
    path("kustomer/webhook/", webhook_view),  # its deliveries become signals, see desk/live.py
    path("admin/", admin.site.urls),
]
