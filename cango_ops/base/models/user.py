"""People. What they may see and do stands in sites.models.access, not here."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """One person. Signs in by e-mail; the username is kept for the record of old audit rows."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "System"
        DARK = "dark", "Graphite"
        LIGHT = "light", "Paper"

    email = models.EmailField("e-mail", unique=True)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name of the zone called mine.")

    REQUIRED_FIELDS = ["email"]

    # Set on the owner of a token for the length of a request made with it, and heeded wherever rights are asked for.
    # None: no token, or one that does not limit this.
    token_rights: frozenset[str] | None = None
    token_site_ids: frozenset[int] | None = None

    def __str__(self) -> str:
        return self.get_full_name() or self.email
