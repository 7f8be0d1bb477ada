"""The addresses of the customer's page."""

from goodword.portal.views import page

urlpatterns = [*page.urls]
