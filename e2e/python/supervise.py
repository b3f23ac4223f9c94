"""Holds a socket open as systemd does (sd_listen_fds(3), sd_notify(3)) and restarts what serves on it.

supervise.py PORT RESTARTS PAUSE PROGRAM ARGUMENT...
"""

import os
import signal
import socket
import sys
import tempfile
import time

port, restarts, pause, program = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen(4096)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
path = os.path.join(tempfile.mkdtemp(), "notify")
notify.bind(path)
notify.settimeout(60)


def start():
    child = os.fork()
    if child:
        return child
    os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    out = os.open(os.devnull, os.O_WRONLY)
    os.dup2(out, 1)
    env = dict(os.environ, LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), NOTIFY_SOCKET=path)
    os.execve(program[0], program, env)


def told(what):
    while True:
        if what in notify.recv(4096).decode().split("\n"):
            return


for number in range(restarts + 1):
    child = start()
    told("READY=1")
    if number == 0:
        print("READY", flush=True)
    time.sleep(pause)
    if number == restarts:
        # Whoever still asks is to stop before this one goes for good.
        print("LAST", flush=True)
        sys.stdin.readline()
    os.kill(child, signal.SIGTERM)
    told("STOPPING=1")
    _, status = os.waitpid(child, 0)
    if status != 0:
        print(f"it ended with {status}", flush=True)
        sys.exit(1)
print("DONE", flush=True)
