"""`path("kustomer/", include("kustomer_orm.contrib.django.urls"))`: where webhooks are taken.

`kustomer/webhooks/` is that of "default", `kustomer/webhooks/other/` that of another alias.
"""

from django.urls import path

from kustomer_orm.contrib.django.webhooks import webhook_view

app_name = "kustomer"
urlpatterns = [
    path("webhooks/", webhook_view, name="webhooks"),
    path("webhooks/<str:alias>/", webhook_view, name="webhooks"),
]
