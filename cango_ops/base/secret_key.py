"""The key that signs sessions where the environment gives none: made once and kept in the run folder."""

import os
import secrets
from pathlib import Path

from cango_ops.env import WrongSetting


def secret_key(run_dir: Path) -> str:
    """The key in run_dir/secret_key, made on first use and readable by its owner alone.

    Two processes that start together agree: the file is created once, and the loser reads the winner's.
    """
    path = run_dir / "secret_key"
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        draft = run_dir / f"secret_key.{os.getpid()}"
        if not path.exists():
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
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
