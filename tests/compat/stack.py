"""The whole stack as processes of its own, on a simulator of its own."""

import contextlib
import pathlib
import re
import socket
import subprocess

import simulator

ROOT = pathlib.Path(__file__).parents[2]


class Stack:
    """Where it is, and what opens it."""

    def __init__(self, told, settings):
        self.grpc = re.search(r"gRPC API +https://(\S+)", told)[1]
        self.http = re.search(r"HTTP API +(https://[^/\s]+)", told)[1]
        known = dict(re.findall(r"export PACER_FETCH_(\w+)='([^']*)'", settings))
        self.token = known["TOKEN"]
        self.ca = str(pathlib.Path(ROOT, known["CA"]))
        self.authority = pathlib.Path(self.ca).read_bytes()
        #: What `. .run/dev/env` sets for clients.
        self.environment = {
            "PACER_FETCH_URL": self.http,
            "PACER_FETCH_TOKEN": self.token,
            "PACER_FETCH_CA": self.ca,
        }


@contextlib.contextmanager
def running():
    """Starts it with nothing in it, and ends it."""
    program = pathlib.Path(simulator.program).with_name("pacer-fetch").resolve()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = ".run/compat-stack"
    command = [program, "dev", "--directory", place, "run", "--fresh", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        told = ""
        for line in process.stdout:
            told += line
            if line.startswith("Ctrl-C"):
                break
        else:
            raise RuntimeError(f"the stack did not start: {told}")
        yield Stack(told, (ROOT / place / "dev/env").read_text())
    finally:
        process.terminate()
        process.wait(timeout=60)
