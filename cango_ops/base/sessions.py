"""Sessions that end: half a day after the last request, and two weeks after they began whatever was asked since.

The row's expiry is the end of the idle time. It is moved on at most every ten minutes, so that reading pages rarely
writes. Source: OWASP ASVS 5.0, 7.3.1 and 7.3.2.
"""

import time
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

IDLE: Final = timedelta(seconds=settings.SESSION_COOKIE_AGE)
LONGEST: Final = timedelta(days=14)
MOVED_ON_EVERY: Final = timedelta(minutes=10)
BEGAN: Final = "began"


class SessionStore(db.SessionStore):
    """Django's sessions in the database with both ends."""

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # the stubs leave it out
        if row is None:
            return {}
        kept: dict[str, Any] = self.decode(row.session_data)
        if time.time() - kept.get(BEGAN, time.time()) > LONGEST.total_seconds():
            self._session_key = None
            return {}
        if row.expire_date - timezone.now() < IDLE - MOVED_ON_EVERY:
            self.modified = True
        return kept

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        if SESSION_KEY in data:
            data.setdefault(BEGAN, int(time.time()))
        return super().create_model_instance(data)
