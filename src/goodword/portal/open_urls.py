"""Addresses of pages that everybody may open: the help centre and the open door."""

from goodword.portal.views import help, write

urlpatterns = [*help.urls, *write.urls]
