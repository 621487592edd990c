#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sealed box and its clock, as root and as an ordinary user; prints TAP.

    box.py FOLDER [WORD]...     FOLDER: of the test programs; WORD: only cases whose name holds it

Every case runs `boxed`, which makes a box as `telltale probe` does, with a small client in it.  As root each case runs three times: as root, as root
where user namespaces are forbidden, and as user 1000.  Where the machine forbids what a way of running needs, its cases are skipped with the reason.
"""

import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))  # where tap is
from tap import Skip, Tap, Wrong, expect

NOON, EDGE = 1770120000, 1770148800  # 2026-02-03 12:00 and 20:00 UTC
CLIENTS = ["clocks", "escape", "nuisance"]
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
TIMEOUT = 200  # of what ends by itself: a bound for a box that hangs, not a measure of the machine's speed
WALL = "--wall=150000"  # where another limit is to end the client
libc = ctypes.CDLL(None, use_errno=True)
cases = []


def case(name):
    return lambda function: cases.append((name, function)) or function


# ---- ways of running ----


def become(uid):
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def without_user_namespaces(then):
    """In a user namespace with the same numbers, in which no further one can be made; `then` runs as its root."""
    ready, mapped = os.pipe(), os.pipe()
    parent = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.read(ready[0], 1)
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{parent}/{name}", "w") as f:
                f.write("0 0 65536")
        os.write(mapped[1], b"x")
        os._exit(0)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    os.write(ready[1], b"x")
    os.read(mapped[0], 1)
    os.waitpid(helper, 0)
    for fd in (*ready, *mapped):
        os.close(fd)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    with open("/proc/sys/user/max_user_namespaces", "w") as f:
        f.write("0")
    then()


WAYS = {
    "root": None,
    "root without user namespaces": lambda: without_user_namespaces(lambda: None),
    "user": lambda: become(1000),
}


class Bench:
    """One way of running, with a folder for the case."""

    def __init__(self, programs, way, start, folder):
        self.programs, self.way, self.start, self.folder = programs, way, start, folder

    def command(self, options, argv):
        shown = [f"--shown={self.programs}"]
        argv = [f"{self.programs}/{argv[0]}" if argv[0].removesuffix("-static") in CLIENTS else argv[0], *argv[1:]]
        return [f"{self.programs}/boxed", *shown, *options, "--", *argv]

    def popen(self, options, argv, **more):
        return subprocess.Popen(self.command(options, argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                cwd="/", preexec_fn=self.start, **more)

    def boxed(self, options, *argv, **more):
        """Runs a client; returns its lines and what `boxed` says of each end."""
        process = self.popen(options, argv, **more)
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Wrong(f"did not end within {TIMEOUT} s") from None
        self.err = err.decode(errors="replace")
        lines = out.decode(errors="replace").splitlines()
        refused = [line for line in lines if line.startswith("box: refused")]
        expect(not refused, "refused", *refused)
        expect("Sanitizer" not in self.err, self.err)
        ends = [json.loads(line[5:]) for line in lines if line.startswith("box: {")]
        expect(ends, "no end", self.err)
        return [line for line in lines if not line.startswith("box: {")], ends[-1]

    def refusal(self, options, *argv, start=None):
        process = subprocess.run(self.command(options, argv or ("/bin/true",)), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 timeout=TIMEOUT, preexec_fn=start or self.start)
        expect(process.returncode == 2 and process.stdout.startswith("box: refused"), "was not refused", process)
        return process.stdout.strip()


def exited(end, code=0):
    expect(end["cause"] == "exited" and end["exit_code"] == code, "another end", end)


def shut(lines):
    expect(any(line.startswith("shut ") for line in lines), "nothing was tried", *lines)
    expect(not [line for line in lines if not line.startswith("shut ") and not line.startswith("box: ")], "a way out is open", *lines)


def processes_with(word):
    """Those in whose command line the word stands, but for this one."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as f:
            if word.encode() in f.read() and int(name) != os.getpid():
                found.append(int(name))
    return found


def until(condition, words):
    end = time.monotonic() + TIMEOUT
    while not condition():
        expect(time.monotonic() < end, words)
        time.sleep(0.02)


# ---- nothing gets out ----


@contextlib.contextmanager
def listening(family, address):
    """A listener of the machine that counts whoever comes."""
    seen = []
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen()
        listener.settimeout(0.1)
        done = threading.Event()

        def serve():
            while not done.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    seen.append(1)
                    connection.sendall(b"y")
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener, seen
        finally:
            done.set()
            thread.join()


@case("no packet gets out: TCP, UDP, raw, IPv6, sockets of the machine")
def _(bench):
    abstract = f"telltale-test-{os.getpid()}"
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as (four, seen_four), listening(socket.AF_UNIX, "\0" + abstract) as (_, seen_abstract):
        port = four.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as probe:
            expect(probe.recv(1) == b"y", "the test's listener does not answer")
        for client in ("escape", "escape-static"):
            lines, end = bench.boxed(["--quiet"], client, "network", str(port), abstract)
            exited(end)
            shut(lines)
        expect(len(seen_four) == 1 and not seen_abstract, "the machine's listener was reached", seen_four, seen_abstract)


@case("every address leads to the box's own listeners")
def _(bench):
    if not shutil.which("python3", path="/usr/bin"):
        raise Skip("no /usr/bin/python3")
    script = """
import socket
for host, port in (("192.0.2.1", 80), ("8.8.8.8", 443), ("127.0.0.1", 8080), ("localhost", 8443), ("api.example.test", 3128), ("2001:db8::7", 443)):
    socket.create_connection((host, port), 60).close()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"q" * 12, ("9.9.9.9", 53))
"""
    lines, end = bench.boxed(["--name=api.example.test"], "/usr/bin/python3", "-c", script)
    expect(end["exit_code"] == 0, bench.err)
    for expected in ("80 ::ffff:192.0.2.1", "443 ::ffff:8.8.8.8", "8080 ::ffff:127.0.0.1", "3128 ::ffff:127.0.0.1", "443 2001:db8::7"):
        expect(f"box: connection {expected}" in lines, expected, *lines)
    expect("box: query of 12 bytes" in lines, "no query", *lines)


TUN = """
import fcntl, os, socket, struct, subprocess, sys, select
tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x1001))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ifreq = lambda name, *rest: struct.pack("16s", name) + struct.pack(*rest)
fcntl.ioctl(s, 0x8916, ifreq(b"tun0", "HH4s8x", socket.AF_INET, 0, socket.inet_aton("10.9.9.1")))
for name in (b"lo", b"tun0"):
    fcntl.ioctl(s, 0x8914, ifreq(name, "H14x", 0x41))
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
body = struct.pack("BBBBBBBBI", socket.AF_INET, 0, 0, 0, 254, 3, 253, 1, 0) + struct.pack("HHI", 8, 4, socket.if_nametoindex("tun0"))
n.send(struct.pack("IHHII", 16 + len(body), 24, 0x405, 1, 0) + body)
n.recv(4096)
def count():
    got = 0
    while select.select([tun], [], [], 0.3)[0]:
        packet = os.read(tun, 65536)
        got += packet[0] >> 4 == 4  # IPv6 looks for routers by itself
    return got
count()
s.sendto(b"x", ("8.8.8.8", 9))
print("seen without a box:", count())
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
print("seen from the box:", count(), "code", done.returncode, "lines", len(done.stdout.splitlines()))
"""


@case("an idle network around the box sees no packet of it")
def _(bench):
    if bench.way != "root" or not os.path.exists("/dev/net/tun"):
        raise Skip("needs root and /dev/net/tun")
    def apart():
        if libc.unshare(0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
    done = subprocess.run([sys.executable, "-c", TUN, *bench.command(["--quiet"], ("escape", "network", "9", "none"))], capture_output=True, text=True,
                          timeout=TIMEOUT, preexec_fn=apart)
    expect(re.search(r"^seen without a box: [1-9]", done.stdout, re.M), "the test sees nothing", done)
    expect(re.search(r"^seen from the box: 0 code 0 lines [1-9]", done.stdout, re.M), "packets left the box", done)


@case("files, sockets and FIFOs of the machine are out of reach")
def _(bench):
    paths = [f"{bench.folder}/secret", "/root", "/home", "/var/lib/dpkg/status", os.path.expanduser("~/.bashrc"), __file__, "/run/dbus/system_bus_socket",
             "/var/run/docker.sock", "/proc/1/root", "/.old", "/.layers"]
    with open(paths[0], "w") as f:
        f.write("secret")
    os.chmod(paths[0], 0o666)
    lines, end = bench.boxed([], "escape", "path", *paths)
    exited(end)
    lines = [line for line in lines if line not in ("OPEN /root", "OPEN /home")]  # there, but empty
    shut(lines)
    lines, end = bench.boxed([], "/bin/sh", "-c", "ls -A /root /home /tmp /run /var/tmp /dev/shm /srv /mnt /home/dev")
    expect(not [line for line in lines if line and not line.endswith(":") and line not in ("dev", os.path.basename(bench.programs))], "something is there", *lines)


@case("a shown folder can be read, not written, and its sockets and FIFOs lead nowhere")
def _(bench):
    folder = f"{bench.folder}/shown"
    os.mkdir(folder)
    with open(f"{folder}/file", "w") as f:
        f.write("shown\n")
    os.mkfifo(f"{folder}/fifo")
    with listening(socket.AF_UNIX, f"{folder}/socket") as (_, seen):
        for name in ("", "/file", "/fifo", "/socket"):
            os.chmod(folder + name, 0o777)
        reader = os.open(f"{folder}/fifo", os.O_RDONLY | os.O_NONBLOCK)
        lines, end = bench.boxed([f"--shown={folder}"], "escape", "path", f"{folder}/file", f"{folder}/fifo", f"{folder}/socket")
        exited(end)
        expect(f"OPEN {folder}/file" in lines, "a shown file cannot be read", *lines)
        shut([line for line in lines if line != f"OPEN {folder}/file"])
        expect(not seen and not os.read(reader, 1), "the machine was reached")
        os.close(reader)
    lines, _ = bench.boxed([f"--shown={folder}//", f"--file={folder}/new=x"], "/bin/cat", f"{folder}/new")
    expect(lines == ["x"], "an entry in a shown folder", *lines)
    lines, _ = bench.boxed([f"--shown={folder}/file"], "/bin/cat", f"{folder}/file")
    expect(lines == ["shown"], "a shown file", *lines)


@case("no right, no call and no descriptor leads out")
def _(bench):
    for client in ("escape", "escape-static"):
        lines, end = bench.boxed([], client, "rest", pass_fds=(bench_pipe(),))
        exited(end)
        shut(lines)


def bench_pipe():
    """A descriptor that a careless caller leaves open."""
    read, _ = os.pipe()
    os.set_inheritable(read, True)
    return read


@case("the environment is the box's own")
def _(bench):
    environment = dict(os.environ, SSH_AUTH_SOCK="/x", AWS_SECRET_ACCESS_KEY="x", LD_PRELOAD="")
    lines, end = bench.boxed(["--var=MORE=1", "--var=LANG", "--var=TERM=xterm"], "/usr/bin/env", env=environment)
    exited(end)
    expect(sorted(lines) == ["HOME=/home/dev", "LOGNAME=dev", "MORE=1", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PWD=/home/dev",
                             "SHELL=/bin/sh", "TERM=xterm", "TZ=UTC", "USER=dev"], "another environment", *lines)
    lines, _ = bench.boxed([], "/bin/sh", "-c", "ls -l /proc/self/fd | grep -v '/proc/'; ps -e 2>/dev/null | wc -l; umask; ulimit -c; trap", env=environment)
    expect(sum("pipe:" in line for line in lines) == 2 and sum("/dev/null" in line for line in lines) == 1, "descriptors", *lines)


# ---- what is inside ----


@case("host name, user, HOME, working folder, processors")
def _(bench):
    lines, end = bench.boxed(["--host-name=buildfarm-7", "--user=alice", "--home=/home/other", "--cwd=/home/other/project", "--cpus=1"], "/bin/sh", "-c",
                             "hostname; cat /etc/hostname; id -un; id -u; echo ~; pwd; nproc; getent passwd alice; touch x && ls; getent hosts buildfarm-7")
    exited(end)
    expect(lines[:7] == ["buildfarm-7", "buildfarm-7", "alice", "1000", "/home/other", "/home/other/project", "1"], "other facts", *lines)
    expect("alice:x:1000:1000:,,,:/home/other:/bin/sh" in lines and "x" in lines and lines[-1].split() == ["127.0.1.1", "buildfarm-7"], "other facts", *lines)


@case("entries replace files, links and folders of /etc and /usr")
def _(bench):
    options = ["--link=/etc/localtime=/usr/share/zoneinfo/Asia/Shanghai", "--file=/etc/timezone=Asia/Shanghai", "--file=/usr/lib/os-release=NAME=Other",
               "--file=/etc/new/deep/file=1", "--absent=/etc/hostname", "--absent=/usr/bin/env", "--folder=/etc/folder", "--file=/var/lib/dbus/machine-id=b",
               "--file=/home/dev/project/a=2", "--file=/etc/timezone=Asia/Urumqi"]
    lines, end = bench.boxed(options, "/bin/sh", "-c",
                             "readlink /etc/localtime; cat /etc/timezone; echo; cat /usr/lib/os-release /etc/os-release; echo; cat /etc/new/deep/file; echo;"
                             "ls /etc/hostname /usr/bin/env 2>/dev/null; ls -d /etc/folder; cat /var/lib/dbus/machine-id; echo; echo 3 >>project/a && cat project/a; id -u")
    exited(end)
    expect(lines[:2] == ["/usr/share/zoneinfo/Asia/Shanghai", "Asia/Urumqi"], "links and files", *lines)
    expect("NAME=Other" in lines[2] and lines[3:] == ["1", "/etc/folder", "b", "23", "1000"], "entries", *lines)
    expect(os.path.exists("/usr/bin/env") and not os.path.exists("/etc/new"), "the machine was changed")


@case("a link /etc/localtime is honoured without TZ")
def _(bench):
    if not os.path.exists("/usr/share/zoneinfo/Asia/Shanghai"):
        raise Skip("no zone files")
    options = ["--link=/etc/localtime=/usr/share/zoneinfo/Asia/Shanghai", "--var=TZ", f"--instant={NOON}"]
    lines, _ = bench.boxed(options, "/bin/date", "+%F %H:%M %Z")
    expect(lines == ["2026-02-03 20:00 CST"], "another zone", *lines)
    if shutil.which("node", path="/usr/bin"):
        lines, _ = bench.boxed(options, "/usr/bin/node", "-p", "Intl.DateTimeFormat().resolvedOptions().timeZone + new Date().getHours()")
        expect(lines == ["Asia/Shanghai20"], "another zone", *lines)


@case("the machine's disks, devices and serial numbers are not shown")
def _(bench):
    lines, end = bench.boxed([], "/bin/sh", "-c", "ls /dev; ls /sys/class/net /sys/devices/virtual/dmi /sys/class/dmi/id/ 2>/dev/null; cat /proc/self/cgroup")
    exited(end)
    allowed = {"fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero", "lo", "",
               "/sys/class/net:", "/sys/devices/virtual/dmi:"}
    expect(not [line for line in lines if line not in allowed and not line.endswith(":/")], "more is shown", *lines)


@case("every way to count processors tells the same number")
def _(bench):
    script = ("nproc; grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat; getconf _NPROCESSORS_ONLN; getconf _NPROCESSORS_CONF;"
              "wc -l </sys/devices/system/cpu/online; grep -c - /sys/devices/system/cpu/online")
    lines, _ = bench.boxed(["--cpus=1"], "/bin/sh", "-c", script)
    expect(lines == ["1", "1", "1", "1", "1", "1", "0"], *lines)
    lines, _ = bench.boxed([], "/bin/sh", "-c", script)
    expect(lines[0] == str(len(os.sched_getaffinity(0))), *lines)


@case("process 1 tells nothing about telltale, and the start of the machine fits the clock")
def _(bench):
    lines, _ = bench.boxed([f"--instant={NOON}"], "/bin/sh", "-c", "tr '\\0' ' ' </proc/1/cmdline; cat /proc/1/comm; grep btime /proc/stat; cut -d. -f1 /proc/uptime")
    start, up = int(lines[1].split()[1]), int(lines[2])
    expect(lines[0] == "init init" and -2 <= start + up - NOON <= TIMEOUT, *lines)


@case("commands prepare the box, and one that fails says so")
def _(bench):
    lines, end = bench.boxed(["--prepare=echo $HOME >made", f"--instant={NOON}"], "/bin/cat", "made")
    expect(lines == ["/home/dev"], "not prepared", *lines)
    said = bench.refusal(["--prepare=exit 3"])
    expect("wrong usage: a command that prepares the box did not succeed (exited, 3): /bin/sh" in said, said)


@case("a second run finds the files of the first, at the same time")
def _(bench):
    process = bench.popen(["--times=2", f"--instant={NOON}"], ("/bin/sh", "-c", "sleep 1.2; cat first 2>/dev/null; echo here >>first; date +%s"))
    out = process.communicate(timeout=TIMEOUT)[0].decode().splitlines()
    lines = [line for line in out if not line.startswith("box:")]
    expect(len(lines) == 3 and lines[1] == "here", "the files", *out)
    expect(all(NOON + 1 <= int(line) <= NOON + TIMEOUT for line in (lines[0], lines[2])), "the time", *out)


# ---- the clock ----


def tells(lines, instant):
    told = [line.split() for line in lines if re.fullmatch(r"[a-z_-]+(-\d+)? -?\d+", line)]
    expect(told, "no time was told", *lines)
    expect(all(instant <= int(seconds) <= instant + TIMEOUT for _, seconds in told), f"not {instant}", *lines)
    expect(not [line for line in lines if line.startswith("not ok")], "a check failed", *lines)
    return len(told)


for mode, least in (("plain", 10), ("threads", 8), ("fork", 8), ("vfork", 10), ("spawn", 10), ("signals", 1), ("stop", 1)):
    def clock_case(bench, mode=mode, least=least):
        for client in ("clocks", "clocks-static"):
            for instant in (NOON, EDGE):
                lines, end = bench.boxed([f"--instant={instant}"], client, mode)
                exited(end)
                expect(tells(lines, instant) >= least, "too few", *lines)
                expect(end["clock_calls"] >= least and end["clock_missed"] == 0, "another count", end)
    case(f"the clock: {mode}")(clock_case)


@case("the clock: it goes on, and never backwards")
def _(bench):
    lines, end = bench.boxed([f"--instant={NOON}"], "clocks", "many")
    exited(end)
    expect(lines == ["ok never backwards"] and end["clock_calls"] == 2000, lines, end)
    lines, _ = bench.boxed([f"--instant={NOON}"], "/bin/sh", "-c", "date +%s; sleep 1; date +%s")
    expect(1 <= int(lines[1]) - int(lines[0]) <= TIMEOUT, "it stands still", *lines)


@case("the clock: deadlines in the client's own time are kept")
def _(bench):
    for client in ("clocks", "clocks-static"):
        lines, end = bench.boxed([f"--instant={NOON}", WALL], client, "deadlines")
        exited(end)
        expect(len(lines) == 13 and all(line.startswith("ok ") for line in lines), "a deadline", *lines)


@case("the clock: date, shells and Node")
def _(bench):
    for instant, text in ((NOON, "2026-02-03T12:00"), (EDGE, "2026-02-03T20:00")):
        lines, end = bench.boxed([f"--instant={instant}"], "/bin/sh", "-c", "date -u +%FT%H:%M")
        expect(lines == [text], "another time", *lines)
        if shutil.which("node", path="/usr/bin"):
            lines, end = bench.boxed([f"--instant={instant}"], "/usr/bin/node", "-e", "setTimeout(() => console.log(new Date().toISOString()), 50)")
            expect(len(lines) == 1 and lines[0].startswith(text) and end["clock_missed"] == 0, "another time", *lines, bench.err)


@case("the real clock, without a tracer")
def _(bench):
    now = int(time.time())
    lines, end = bench.boxed([], "clocks", "plain")
    exited(end)
    told = [int(line.split()[1]) for line in lines if line.startswith(("time ", "realtime ", "coarse "))]
    expect(len(told) == 3 and all(now - 2 <= seconds <= now + TIMEOUT for seconds in told) and end["clock_calls"] == 0, "another time", *lines, end)
    lines, _ = bench.boxed([], "/bin/grep", "TracerPid", "/proc/self/status")
    expect(lines == ["TracerPid:\t0"], *lines)


# ---- ends and limits ----


@case("ends: a code, a signal, no such command, no program")
def _(bench):
    for clock in ([], [f"--instant={NOON}"]):
        exited(bench.boxed(clock, "nuisance", "exit", "7")[1], 7)
        end = bench.boxed(clock, "nuisance", "crash")[1]
        expect(end["cause"] == "signalled" and end["signal"] == signal.SIGABRT, end)
        end = bench.boxed(clock, "no-such-command")[1]
        expect(end["cause"] == "not-found" and end["error"] == "No such file or directory", end)
        end = bench.boxed(clock, "/etc/passwd")[1]
        expect(end["cause"] == "not-found" and end["error"] == "Permission denied", end)


@case("a client that hangs is ended at the wall limit, also a deaf one")
def _(bench):
    for clock in ([], [f"--instant={NOON}"]):
        for mode in ("hang", "stubborn"):
            end = bench.boxed([*clock, "--wall=400"], "nuisance", mode)[1]
            expect(end["cause"] == "wall-limit" and end["wall_us"] >= 400000, end)


@case("what a client leaves behind is ended after the linger time")
def _(bench):
    for clock in ([], [f"--instant={NOON}"]):
        word = f"{100000 + os.getpid() % 50000}.5"
        lines, end = bench.boxed([*clock, "--linger=100"], "nuisance", "daemon", word)
        exited(end)
        expect(end["left_over"] and "late" not in lines, end)
        expect(not processes_with(word), "it lives")
        end = bench.boxed([*clock, "--linger=100"], "/bin/sh", "-c", f"setsid sleep {word} & trap '' TERM HUP; (sleep {word} &) ; exit 0")[1]
        expect(end["left_over"] and not processes_with(word), "it lives", end)


@case("late work within the linger time is awaited")
def _(bench):
    lines, end = bench.boxed(["--linger=150000"], "/bin/sh", "-c", "(sleep 0.3; echo late) & exit 0")
    expect(lines == ["late"] and not end["left_over"], lines, end)


@case("a fork bomb and a flood of threads are ended")
def _(bench):
    for clock in ([], [f"--instant={NOON}"]):
        for mode in ("bomb", "threads"):
            end = bench.boxed([*clock, "--processes=100", WALL], "nuisance", mode)[1]
            expect(end["cause"] == "process-limit", end)


@case("memory of all processes together is bounded")
def _(bench):
    end = bench.boxed(["--memory=100", WALL], "nuisance", "hog", "4000")[1]
    expect(end["cause"] == "memory-limit" and end["peak_kb"] < 1024 * 1024, end)


@case("a flood of output costs time, not memory")
def _(bench):
    process = bench.popen([WALL], ("nuisance", "flood", "1024"))
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    process.stdout.close()
    process.stderr.close()
    expect(status == 0 and len(out) < 2 << 20, "the end", status, len(out))
    expect(usage.ru_maxrss < 400 * 1024, "memory", usage.ru_maxrss)


@case("the disk of the box is bounded")
def _(bench):
    lines, end = bench.boxed(["--disk=32"], "nuisance", "fill", "100")
    exited(end)
    expect(lines and re.match(r"full after (2|3)\d MB", lines[0]), *lines)


@case("a crash leaves no core and starts nothing outside")
def _(bench):
    lines, end = bench.boxed([f"--shown={bench.folder}"], "/bin/sh", "-c", "ulimit -c; ulimit -H -c; kill -SEGV $$")
    expect(end["cause"] == "signalled" and end["signal"] == signal.SIGSEGV, end)
    expect(all(line in ("0", "1") for line in lines), *lines)


@case("killing the supervisor leaves nothing")
def _(bench):
    for clock in ([], [f"--instant={NOON}"]):
        word = f"telltale-{os.getpid()}-{len(clock)}"
        process = bench.popen([*clock, "--var=WORD=" + word], ("/bin/sh", "-c", f"trap '' TERM HUP INT; (setsid sh -c 'sleep 1000; : {word}' &) ; echo up; sleep 1000; : {word}"))
        expect(process.stdout.readline() == b"up\n", "it did not start")
        until(lambda: len(processes_with(word)) >= 3, "the client did not start")
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        until(lambda: not processes_with(word), "something is left")


@case("killing the box is an end as well")
def _(bench):
    word = f"telltale-kill-{os.getpid()}"
    process = bench.popen([], ("/bin/sh", "-c", f"echo up; sleep 1000; : {word}"))
    expect(process.stdout.readline() == b"up\n", "it did not start")
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as f:
        os.kill(int(f.read().split()[0]), signal.SIGKILL)
    out = process.communicate(timeout=TIMEOUT)[0].decode()
    expect('"cause": "lost"' in out, out)
    until(lambda: not processes_with(word), "something is left")


@case("two boxes at once do not meet")
def _(bench):
    if not shutil.which("python3", path="/usr/bin"):
        raise Skip("no /usr/bin/python3")
    script = """
import os, socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 5555)); s.listen()
u = socket.socket(socket.AF_UNIX); u.bind("\\0meeting"); open("/dev/shm/sem", "x"); open("/tmp/here", "x")
time.sleep(0.5)
print(socket.gethostname(), int(time.time()), len([p for p in os.listdir("/proc") if p.isdigit()]))
"""
    pairs = [("one", NOON), ("two", EDGE)]
    running = [bench.popen([f"--host-name={name}", f"--instant={instant}"], ("/usr/bin/python3", "-c", script)) for name, instant in pairs]
    for (name, instant), process in zip(pairs, running):
        out, err = process.communicate(timeout=TIMEOUT)
        words = out.decode().split()
        expect(words[0] == name and instant <= int(words[1]) < instant + TIMEOUT and words[2] == "2", "they met", out, err)


# ---- refusals ----


@case("wrong settings are refused with the reason")
def _(bench):
    for options, words in (
        (["--shown=/no/such/folder"], "wrong usage: cannot be shown in the box: /no/such/folder: No such file or directory"),
        (["--shown=relative"], "this path cannot be shown in a box: relative"),
        (["--shown=/"], "this path cannot be shown in a box: /"),
        (["--shown=/dev/null"], "this path cannot be shown in a box: /dev/null"),
        (["--file=/proc/x=1"], "no entry of a box can be made at this path: /proc/x"),
        (["--file=/etc/../x=1"], "no entry of a box can be made at this path: /etc/../x"),
        (["--link=/etc/x="], "a link of a box leads nowhere: /etc/x"),
        (["--host-name=two words"], "the name of a user or host"),
        (["--user=a:b"], "the name of a user or host"),
        (["--home=home"], "HOME and the working folder are absolute paths"),
    ):
        said = bench.refusal(options)
        expect(words in said, f"expected: {words}", said)


def unshared(then, *mounts):
    """To be called before a program: mounts of its own, and then the user of the bench."""
    def start():
        if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(None, b"/", None, 0x44000, None) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        for source, place, kind, flags in mounts:
            if libc.mount(source.encode(), place.encode(), kind, flags, None) != 0:
                raise OSError(ctypes.get_errno(), f"mount {place}")
        then()
    return start


@case("folders in which other file systems are mounted are shown all the same")
def _(bench):
    if bench.way != "root":
        raise Skip("needs root")
    folder = f"{bench.folder}/shown"
    os.makedirs(f"{folder}/inner")
    for then in (lambda: None, lambda: become(1000)):
        start, bench.start = bench.start, unshared(then, ("/etc/hostname", "/etc/hostname", None, 4096), ("t", f"{folder}/inner", b"tmpfs", 0))
        options = [f"--shown={folder}", "--link=/etc/localtime=/usr/share/zoneinfo/Asia/Shanghai", "--absent=/etc/issue", "--file=/etc/ssl/new=x"]
        lines, end = bench.boxed(options, "/bin/sh", "-c", f"ls -d {folder}/inner; ls -d /etc/ssl/certs; cat /etc/hostname; readlink /etc/localtime; ls /etc/issue;"
                                 f"cat /etc/ssl/new; touch {folder}/x {folder}/inner/x /etc/x && echo written")
        expect(lines == [f"{folder}/inner", "/etc/ssl/certs", "devbox", "/usr/share/zoneinfo/Asia/Shanghai", "x"], *lines, bench.err)
        expect("not supported: entries in this folder cannot be replaced" in bench.refusal([*options, f"--file={folder}/x=1"]), "was not refused")
        with listening(socket.AF_UNIX, f"{folder}/socket"):
            said = bench.refusal(options)
            expect("not supported: a program of the machine may listen in this folder" in said, said)
        os.unlink(f"{folder}/socket")
        bench.start = start


@case("without user namespaces an ordinary user is refused")
def _(bench):
    if bench.way != "root without user namespaces":
        raise Skip("only there")
    said = bench.refusal([], start=lambda: without_user_namespaces(lambda: become(1000)))
    expect("not supported: no sealed box can be made here: user namespaces are switched off" in said, said)


@case("where tracing is switched off, clock control is refused and the real clock is not")
def _(bench):
    if bench.way != "root":
        raise Skip("needs root")

    def forbid():
        os.mkdir("/proc/sys/kernel/yama")
        with open("/proc/sys/kernel/yama/ptrace_scope", "w") as f:
            f.write("3\n")

    said = bench.refusal([f"--instant={NOON}"], start=unshared(forbid, ("x", "/proc/sys/kernel", b"tmpfs", 0)))
    expect("not supported: the client's clock cannot be set here: tracing is switched off" in said, said)


@case("the doctor says what there is")
def _(bench):
    done = subprocess.run([f"{bench.programs}/boxed", "--doctor"], capture_output=True, text=True, timeout=TIMEOUT, preexec_fn=bench.start)
    lines = done.stdout.splitlines()
    expect(any(line.startswith("yes a sealed box") for line in lines), *lines)
    expect(any(line.startswith("yes a clock of the box's own") for line in lines), *lines)
    expect(any(line.startswith(("yes" if bench.way != "root without user namespaces" else "no") + " user namespaces") for line in lines), *lines)


# ---- running them ----


def possible(programs, start):
    """Why no box can be made in this way; None: it can."""
    try:
        done = subprocess.run([f"{programs}/boxed", "--", "/bin/true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, preexec_fn=start)
    except (OSError, subprocess.SubprocessError) as e:
        return f"this way of running cannot be had here ({e})"
    return None if done.returncode == 0 else done.stdout.strip() or f"boxed ended with {done.returncode}: {done.stderr[-300:]}"


def in_box(function, programs, way, start):
    folder = tempfile.mkdtemp(prefix="telltale-box-")
    os.chmod(folder, 0o755)
    try:
        function(Bench(programs, way, start, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: box.py FOLDER [WORD]...")
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    programs = tempfile.mkdtemp(prefix="telltale-programs-")
    os.chmod(programs, 0o755)
    tap = Tap()
    try:
        for name in ["boxed", *CLIENTS, *(f"{client}-static" for client in CLIENTS)]:
            shutil.copy(os.path.join(sys.argv[1], name), programs)
        ways = WAYS if os.geteuid() == 0 else {"user": None}
        for way, start in ways.items():
            forbidden = possible(programs, start)
            for name, function in cases:
                if not all(word in f"{way}: {name}" for word in sys.argv[2:]):
                    continue
                if forbidden and "refused" not in name:
                    tap.skip(f"{way}: {name}", forbidden)
                else:
                    tap.run(f"{way}: {name}", in_box, function, programs, way, start)
    finally:
        shutil.rmtree(programs, ignore_errors=True)
    tap.end()


if __name__ == "__main__":
    main()
