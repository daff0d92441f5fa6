"""The link by which a person sets a password: good once, for some days, and no more once the password has changed."""

import logging
import smtplib
from datetime import timedelta
from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from cango_ops.base.models import User

log = logging.getLogger(__name__)

HOLDS: Final = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
SUBJECT: Final = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}Set your password"
WORDS: Final = """{name},

you may sign in to the console of Cango Ops as {email}. Set your password within {days} days at this address, which
works once:

{link}

You will know it by its beginning, {console}. Whoever did not expect this mail leaves it.
"""


def link_for(person: User) -> str:
    words = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs=words)


def send(person: User) -> str:
    """Mails the link; where no mail goes out from here, or this one did not, the link itself, to be handed over."""
    link = link_for(person)
    return "" if settings.MAIL and was_mailed(person, link) else link


def was_mailed(person: User, link: str) -> bool:
    words = WORDS.format(name=person, email=person.email, days=HOLDS.days, link=link, console=settings.PUBLIC_URL)
    try:
        EmailMessage(SUBJECT, words, settings.MAIL_FROM, [person.email]).send()
    except (OSError, smtplib.SMTPException) as why:
        log.warning("The link for %s was not mailed: %s", person.email, why)
        return False
    return True
