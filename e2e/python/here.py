"""Runs a tool for which names under `localhost` are this machine (RFC 6761, 6.3): not every resolver knows."""

import runpy
import socket
import sys

resolve = socket.getaddrinfo


def here(host, *more, **named):
    name = host.decode() if isinstance(host, bytes) else host
    return resolve("127.0.0.1" if name and name.endswith(".localhost") else host, *more, **named)


socket.getaddrinfo = here
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
