"""Keys that the environment does not give: each made once and kept in a file of the run folder.

`secret_key` signs sessions, `credential_keys` opens the machines' logins; neither is made of the other.
"""

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from cango_ops.env import WrongSetting, as_fernet_keys


def secret_key(run_dir: Path) -> str:
    """The key in run_dir/secret_key."""
    return kept(run_dir, "secret_key", lambda: secrets.token_urlsafe(50))


def credential_keys(run_dir: Path) -> list[str]:
    """The keys in run_dir/credential_keys, one a line and the newest first."""
    return as_fernet_keys("RUN_DIR", kept(run_dir, "credential_keys", new_credential_key))


def new_credential_key() -> str:
    """A key of Fernet: 32 random bytes. Source: the Fernet specification."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def kept(run_dir: Path, name: str, make: Callable[[], str]) -> str:
    """The text of the file, made on first use and readable by its owner alone.

    Two processes that start together agree: the file is created once, and the loser reads the winner's.
    """
    path = run_dir / name
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        draft = run_dir / f"{name}.{os.getpid()}"
        if not path.exists():
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(make())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()
    except OSError as error:
        raise WrongSetting(
            f"CANGO_RUN_DIR={str(run_dir)!r} is not usable: expected a folder that can be written ({error.strerror})."
        ) from error
