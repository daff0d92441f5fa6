"""Reports whose release time comes, and somebody who is told of it over a real socket."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from cango_ops.base import clock
from treasury.reports.publish import embargo
from treasury.reports.subscribing import add_webhook


def due(report, cast, after=timedelta(0)):
    """Its release time has just come; it was approved before that."""
    embargo(report, clock.database_now() + after, cast["ines"])
    report.refresh_from_db()
    return report


class Receiver(BaseHTTPRequestHandler):
    """Answers what it was told to, in turn, and remembers what came."""

    def do_POST(self):
        said = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), said))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def receiver(*answers):
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.came, server.answers = [], list(answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hooked(server, cast):
    return add_webhook(f"http://127.0.0.1:{server.server_port}/cango?x=1", "en", cast["ines"])
