"""What the estate's machines are signed in with, as they left the factory: (user, password) by language. Pure."""

from typing import Final

from cango_ops.estate.dialects import braiins_web, digest, whatsminer_commands

LOGINS: Final = {
    "antminer": (digest.USER, digest.PASSWORD),
    "braiins": (digest.USER, braiins_web.PASSWORD),
    "whatsminer_v2": ("", whatsminer_commands.PASSWORD),
}
