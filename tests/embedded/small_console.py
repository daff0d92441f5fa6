"""A supervisor over two trivial parts, run as a program by the tests: small_console.py FOLDER."""

import sys
from pathlib import Path

from cango_ops.embedded.child import stop_leftovers
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.part import Part
from cango_ops.embedded.supervisor import Supervisor
from cango_ops.embedded.up import say

# `below` has a child of its own, as a Celery worker has; `deaf` hears no request to stop.
PARENT = "import subprocess; print('up', flush=True); subprocess.run(['sleep', '300'])"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"

if __name__ == "__main__":
    folder = RunFolder(Path(sys.argv[1])).make()
    say(f"leftovers: {stop_leftovers(folder, within_s=1)}")
    supervisor = Supervisor(folder, say)
    supervisor.listen_to_signals()
    for stage, (name, code) in enumerate({"below": PARENT, "deaf": DEAF}.items()):
        part = Part(name=name, title=name.title(), argv=(sys.executable, "-c", code), stage=stage, says_when_ready="up")
        supervisor.start([part])
    say("all ready")
    supervisor.watch()
    supervisor.stop(within_s=2)
    say("stopped")
