# SPDX-License-Identifier: Apache-2.0
"""Starts and stops the servers that the gateway's tests and its bench need: on loopback, on ports that were free, by their own process ids."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))  # where tap is

READY_SECONDS = 15
STOP_SECONDS = 10


class Failed(Exception):
    """A server did not start, or did not do what it was started for."""


def free_port():
    """A port that nobody listens on; somebody else could take it before it is used, which makes the start fail and nothing worse."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, what, seconds=READY_SECONDS):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def listens(port):
    """Asks the kernel: a try to connect to a port that nobody listens on can meet itself, and then keeps the port."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as file:
                if any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in list(file)[1:]):
                    return True
        except FileNotFoundError:
            pass
    return False


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        return ""


def workers_below(pid):
    """nginx's workers that serve, of a process that is nginx's master or started it; not those that are about to end."""
    found, left = [], [pid]
    while left:
        below = children(left.pop())
        left += below
        found += [child for child in below if command_line(child).startswith("nginx: worker process") and "shutting" not in command_line(child)]
    return found


class Server:
    """A process that serves on a port.  Its output goes to FOLDER/NAME.log."""

    def __init__(self, name, argv, port, folder, env=None):
        self.name, self.port, self.log = name, port, f"{folder}/{name}.log"
        os.makedirs(folder, exist_ok=True)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=env)
        try:
            wait_until(self.is_up, f"{name} on port {port}")
        except Failed as failure:
            self.stop()
            raise Failed(f"{failure}\n{self.said()}") from None

    def is_up(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name}: ended with {self.process.returncode}")
        return listens(self.port)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def stop(self, number=signal.SIGTERM):
        """Waits for the end, and does not accept that there is none."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Upstream(Server):
    """upstream.c: prints its port."""

    def __init__(self, program, folder, prefix=()):
        super().__init__("upstream", [*prefix, program], 0, folder)

    def is_up(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name}: ended with {self.process.returncode}")
        words = self.said().split()
        self.port = int(words[0]) if words else 0
        return self.port > 0


def nginx_program():
    """By its whole path: nginx starts itself again under the name that it was started with."""
    return shutil.which("nginx") or (os.access("/usr/sbin/nginx", os.X_OK) and "/usr/sbin/nginx") or None


def sanitized_nginx(folder):
    """Options for a module with sanitizers: nginx needs their runtime first, and reports of leaks at its end are not about the module."""
    runtime = os.environ.get("TT_ASAN_RUNTIME")
    if not runtime:
        return []
    wrapper, reports = f"{folder}/nginx", f"{folder}/reports"
    os.makedirs(reports, exist_ok=True)
    os.chmod(reports, 0o777)
    # nginx and every module have a global ngx_modules, of which the sanitizer protects the wrong one: hence report_globals.
    options = [f"ASAN_OPTIONS=detect_leaks=0:report_globals=0:log_path={reports}/asan", f"UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:log_path={reports}/asan"]
    with open(wrapper, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\nexport LD_PRELOAD={runtime} {' '.join(options)}\nexec {nginx_program()} \"$@\"\n")
    os.chmod(wrapper, 0o755)
    return ["--nginx", wrapper]


def sanitizers_said(folder):
    """About nginx and the module."""
    out = ""
    if os.path.isdir(f"{folder}/reports"):
        for name in os.listdir(f"{folder}/reports"):
            with open(f"{folder}/reports/{name}", encoding="utf-8", errors="replace") as file:
                out += file.read()
    return out


def nginx(name, text, port, folder, prefix=()):
    """One that runs with a configuration of its own."""
    path = f"{folder}/{name}.conf"
    os.makedirs(f"{folder}/{name}-temp", exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return Server(name, [*prefix, nginx_program(), "-p", folder, "-c", path, "-e", f"{folder}/{name}.error.log"], port, folder)


DEFAULT_UPSTREAMS = ("provider-anthropic", "provider-openai", "provider-google")


class Gateway(Server):
    """`telltale gateway`; its state lies in FOLDER/state.  It leads to the upstreams that are given, and nowhere else."""

    def __init__(self, telltale, folder, policy, upstreams, *more):
        self.telltale, self.state = telltale, f"{folder}/state"
        self.policy = f"{folder}/policy.yaml"
        os.makedirs(folder, exist_ok=True)
        self.write_policy(policy)
        port = free_port()
        argv = [telltale, "gateway", "--policy", self.policy, "--listen", f"127.0.0.1:{port}", "--state", self.state, "--metrics", "off"]
        for provider, url in {**dict.fromkeys(DEFAULT_UPSTREAMS, "off"), **upstreams}.items():
            argv += ["--upstream", f"{provider}={url}"]
        super().__init__("gateway", [*argv, *more], port, folder)

    def is_up(self):
        """While nginx checks a configuration it listens too, and serves nobody."""
        if self.process.poll() is not None:
            raise Failed(f"{self.name}: ended with {self.process.returncode}")
        return "gateway on " in self.said()

    def stop(self, number=signal.SIGTERM):
        rings = os.path.realpath(f"{self.state}/rings")
        code = super().stop(number)
        if number == signal.SIGTERM and code == 0 and os.path.exists(rings):
            raise Failed(f"gateway: {rings} is left in memory")
        return code

    @staticmethod
    def supported(telltale):
        done = subprocess.run([telltale, "gateway", "--help"], capture_output=True, timeout=30, check=False)
        return done.returncode == 0

    def write_policy(self, text):
        with open(self.policy, "w", encoding="utf-8") as file:
            file.write(text)

    def workers(self):
        """The master is a daemon of its own."""
        try:
            with open(f"{self.state}/nginx.pid", encoding="ascii") as file:
                return workers_below(int(file.read()))
        except (FileNotFoundError, ValueError):
            return []

    def command(self, verb):
        done = subprocess.run([self.telltale, "gateway", verb, "--state", self.state], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def error_log(self):
        try:
            with open(f"{self.state}/error.log", encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""


def on_core(core):
    """Words before a command that keep it on one core; none where there is but one."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 and shutil.which("taskset") else []
