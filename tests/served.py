"""The real server of an installation, with its log, and one client that can be told from others."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

from survey_app.services.network import free_port

# A source of its own on this machine, so that its traces cannot be anybody else's.
CLIENT, AGENT = "127.9.8.7", "MyPhone/9"


class Served:
    """`hailong serve` with two workers, its log in a file, and one client of it."""

    def __init__(self, data, log, port=None, **settings):
        self.port, self.log = port or free_port(), log
        self._settings = os.environ | {"HAILONG_DATA": str(data)} | settings
        self.start()

    def start(self):
        """Serve, after a stop again on the same port."""
        self._written = self.log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "survey_app.cli", "serve", "--host", "127.0.0.1",
             "--port", str(self.port)],
            env=self._settings, stdout=self._written, stderr=subprocess.STDOUT,
        )  # fmt: skip
        for _ in range(1200):
            try:
                if self.ask("GET", "/ready")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def ask(self, method, path, body=None, **headers):
        link = HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=(CLIENT, 0))
        link.request(method, path, body, {"User-Agent": AGENT} | headers)
        answer = link.getresponse()
        answer.read()
        link.close()
        return answer.status, answer.headers

    def say(self, raw):
        with socket.create_connection(
            ("127.0.0.1", self.port), timeout=5, source_address=(CLIENT, 0)
        ) as link:
            link.sendall(raw)
            return link.recv(200)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)
        self._written.close()
