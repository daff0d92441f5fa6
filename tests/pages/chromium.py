"""Finds a Chromium for the browser tests, and where there is none gets one from Debian or from Playwright."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"1920x1080": (1920, 1080), "1366x768": (1366, 768), "390x844": (390, 844)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
INSTALL_WITHIN_S = 300


def find_chromium(own: str) -> str | None:
    """The path of a Chromium. own: where Playwright keeps its own one, if it has been installed."""
    with (Path(tempfile.gettempdir()) / f"cango-chromium-{os.getuid()}.lock").open("w") as lock:
        # Several test processes install it once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return installed(own) or from_debian() or from_playwright(own)


def installed(own: str) -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None) or existing(own)


def existing(path: str) -> str | None:
    return path if Path(path).exists() else None


def from_debian() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quietly("apt-get", "update", "-qq")
    quietly("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
    return shutil.which("chromium")


def from_playwright(own: str) -> str | None:
    quietly(sys.executable, "-m", "playwright", "install", "chromium")
    return existing(own)


def quietly(*command: str) -> None:
    """Runs it to its end or for five minutes; whether it helped is seen by looking for the browser again."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(command, capture_output=True, timeout=INSTALL_WITHIN_S, env=environment, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
