"""Runs a command at a terminal, types a password whenever it is asked for one, and prints what the terminal showed.

Usage: terminal.py PASSWORD COMMAND...
"""

import os
import pty
import sys
import termios
import time

password, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
shown = b""
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    shown += read
    if shown.endswith(b": "):
        # The prompt comes a moment before the terminal stops showing what is typed; people are slower than that.
        patience = time.monotonic() + 10
        while termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < patience:
            os.sched_yield()
        os.write(terminal, password.encode() + b"\n")
sys.stdout.write(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
