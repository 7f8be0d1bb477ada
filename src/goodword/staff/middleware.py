"""Notes that a session is in use."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from goodword.staff.session import seen

Answer = Callable[[HttpRequest], HttpResponse]


def sessions_seen(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed:
            seen(request)
        return response

    return answer
