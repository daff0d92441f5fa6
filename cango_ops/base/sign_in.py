"""Nobody signs up by themselves: people are added by an admin."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):
    """allauth's adapter without the open door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
