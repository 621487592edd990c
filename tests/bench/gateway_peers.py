# SPDX-License-Identifier: Apache-2.0
"""What the gateway is measured beside: the same nginx without it, HAProxy, and a gateway from npm.  Each leads to the same upstream."""

import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gateway"))

from running import Server, children, free_port, nginx, nginx_program, on_core, workers_below

PORTKEY = ("@portkey-ai/gateway", "1.15.2")
GATEWAY_CORE, OTHER_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")

# The directives that telltale's own configuration has too, as far as they cost anything.  A body of 1 MB stays in memory.
NGINX = """
daemon off;
master_process on;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_max_body_size 32m;
    client_body_buffer_size 1m;
    client_body_temp_path {folder}/nginx-temp;
    proxy_temp_path {folder}/nginx-temp/proxy;
    upstream model {{ server 127.0.0.1:{upstream}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location / {{
            proxy_pass http://model;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""

HAPROXY = """
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 600s
    http-reuse always
frontend front
    bind 127.0.0.1:{port}
    default_backend model
backend model
    server upstream 127.0.0.1:{upstream} maxconn 4096
"""


def ahead():
    """Words before a command that what else runs on its core, the gateway's collector above all, does not keep waiting; only root may."""
    return ["nice", "-n", "-10"] if os.geteuid() == 0 and shutil.which("nice") else []


def cpu_seconds(pid):
    """Processor time of a process and all its threads so far: in nanoseconds where the kernel counts them, else in ticks."""
    try:
        threads = [f"/proc/{pid}/task/{name}/schedstat" for name in os.listdir(f"/proc/{pid}/task")]
        return sum(int(open(name, encoding="ascii").read().split()[0]) for name in threads) / 1e9
    except FileNotFoundError:
        pass
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def status_kb(pid, name):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


class Peer:
    """A server on the way to the upstream, and the processes whose time counts."""

    def __init__(self, name, server, pids, headers=()):
        self.name, self.server, self.pids, self.headers = name, server, pids, headers
        self.port = server.port

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self.pids())


def start_nginx(folder, upstream):
    port = free_port()
    server = nginx("nginx", NGINX.format(folder=folder, upstream=upstream, port=port), port, folder, on_core(GATEWAY_CORE))
    return Peer("nginx", server, lambda: workers_below(server.process.pid))


def version_of(argv):
    """The first word with a digit in what a program says of itself."""
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    words = (said.stdout + said.stderr).replace("/", " ").split()
    return next((word for word in words if word[0].isdigit()), "")


def start_haproxy(folder, upstream):
    """Returns None where it is not installed."""
    program = shutil.which("haproxy") or (os.access("/usr/sbin/haproxy", os.X_OK) and "/usr/sbin/haproxy")
    if not program:
        return None
    port = free_port()
    with open(f"{folder}/haproxy.cfg", "w", encoding="utf-8") as file:
        file.write(HAPROXY.format(port=port, upstream=upstream))
    server = Server("haproxy", [*on_core(GATEWAY_CORE), program, "-db", "-f", f"{folder}/haproxy.cfg"], port, folder)
    return Peer(f"HAProxy {version_of([program, '-v']).partition('-')[0]}", server, lambda: [server.process.pid])


def install_portkey(cache):
    """Into a folder that stays, so that it is fetched once.  Returns why it is not there, or None."""
    name, version = PORTKEY
    if os.path.exists(f"{cache}/node_modules/{name}/package.json"):
        with open(f"{cache}/node_modules/{name}/package.json", encoding="utf-8") as file:
            if json.load(file)["version"] == version:
                return None
    if not shutil.which("npm") or not shutil.which("node"):
        return "install the package npm"
    os.makedirs(cache, exist_ok=True)
    command = ["npm", "install", "--prefix", cache, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error", f"{name}@{version}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "the npm registry did not answer"
    return None if done.returncode == 0 else "npm install failed"


def start_portkey(folder, upstream, cache):
    name, version = PORTKEY
    port = free_port()
    env = {**os.environ, "HOME": folder, "NODE_ENV": "production"}
    script = f"{cache}/node_modules/{name}/build/start-server.js"
    server = Server("portkey", [*on_core(GATEWAY_CORE), "node", script, f"--port={port}", "--headless"], port, folder, env)
    headers = ("x-portkey-provider: anthropic", f"x-portkey-custom-host: http://127.0.0.1:{upstream}/v1", "authorization: Bearer none")
    return Peer(f"Portkey {version}", server, lambda: [server.process.pid, *children(server.process.pid)], headers)


def missing():
    """Why nothing can be measured, or None."""
    return None if nginx_program() else "install the package nginx"
