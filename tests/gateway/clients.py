#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real coding clients through the gateway (docs/gateway-clients.md says what was learnt of them).

    clients.py TELLTALE CACHE

The clients come from npm, in the versions below, into CACHE, which stays.  They and all servers run where there is no network but loopback,
with a home folder of their own.  Prints TAP.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True  # the source folder stays as it is

from isolate import MARK, isolate, without_proxy
from mock import SAID, Mock
from running import Gateway, nginx_program
from tap import Tap, expect, skip_all
from wiretap import Wiretap

RUN_SECONDS = 60
INSTALL_SECONDS = 180

MARKED = "Today\u02bcs date is 2026/05/09."
PLAIN = "Today's date is 2026-05-09."

POLICY = """
telltale_policy: 1
id: clients
owner: platform@example.com
default:
  model: approved
  software: approved
  route: approved
decisions:
  - id: no-{blocked_id}
    match:
      model: {blocked}
    status: prohibited
    reason: Not reviewed.
    timeline:
      block: 2026-01-01
  - id: instead-of-{rerouted_id}
    match:
      model: {rerouted}
    status: prohibited
    reason: Another one is approved.
    alternative_models: [{family}]
    timeline:
      block: 2026-01-01
marks:
  - id: date-line
    channel: date-line
    action: normalise
    level: candidate
gateway:
  identity: [api-key]
  reroute: true
  contact: platform@example.com
"""

# What both clients share: no reports of use, no updates, nothing kept of the conversation that needs a second request.
SETTINGS = {
    "privacy": {"usageStatisticsEnabled": False},
    "telemetry": {"enabled": False},
    "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
}


class Client:
    """One program: how it is started and pointed at a base URL, and which models play which part."""

    def __init__(self, name, package, script, provider, family, allowed, blocked, rerouted):
        self.name, self.package, self.script, self.provider = name, package, script, provider
        self.family, self.allowed, self.blocked, self.rerouted = family, allowed, blocked, rerouted

    def policy(self):
        def ident(model):
            return model.replace(".", "-")

        return POLICY.format(family=self.family, blocked=self.blocked, rerouted=self.rerouted,
                             blocked_id=ident(self.blocked), rerouted_id=ident(self.rerouted))


class Qwen(Client):
    settings_folder, context_file = ".qwen", "QWEN.md"
    settings = {**SETTINGS, "memory": {"enableManagedAutoMemory": False, "enableManagedAutoDream": False}}

    def environment(self, base, model):
        return {"OPENAI_BASE_URL": f"{base}/v1", "OPENAI_API_KEY": "none", "OPENAI_MODEL": model}

    arguments = ()

    @staticmethod
    def asked_model(asked):
        return asked.json()["model"]


class Gemini(Client):
    settings_folder, context_file = ".gemini", "GEMINI.md"
    settings = {**SETTINGS, "security": {"auth": {"selectedType": "gemini-api-key"}}}
    arguments = ("--skip-trust",)

    def environment(self, base, model):
        return {"GOOGLE_GEMINI_BASE_URL": base, "GEMINI_API_KEY": "none", "GEMINI_MODEL": model}

    @staticmethod
    def asked_model(asked):
        return asked.path.partition("/models/")[2].partition(":")[0]


CLIENTS = (
    Qwen("qwen-code", ("@qwen-code/qwen-code", "0.24.4"), "cli-entry.js", "provider-openai", "gpt", "qwen3-coder-plus", "qwen-max",
         "qwen-plus"),
    Gemini("gemini-cli", ("@google/gemini-cli", "0.61.0"), "bundle/gemini.js", "provider-google", "gemini", "gemini-2.5-flash",
           "gemini-2.0-flash", "gemini-2.5-flash-lite"),
)


def installed(cache, client):
    name, version = client.package
    try:
        with open(f"{cache}/node_modules/{name}/package.json", encoding="utf-8") as file:
            return json.load(file)["version"] == version
    except FileNotFoundError:
        return False


def install(cache):
    """Returns why the clients are not there, or None.  Two tests may want them at the same time."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "npm and node are not there"
    os.makedirs(cache, exist_ok=True)
    with open(f"{cache}/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all(installed(cache, client) for client in CLIENTS):
            return None
        names = ["@".join(client.package) for client in CLIENTS]
        command = ["npm", "install", "--prefix", cache, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error", *names]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return "the npm registry did not answer in time"
    return None if done.returncode == 0 else "npm cannot fetch the clients"


class Stage:
    """One client with a mock, a gateway between, a listener on the wire before it, and an empty home."""

    def __init__(self, client, telltale, cache, top, alone):
        self.client, self.cache, self.top, self.alone = client, cache, f"{top}/{client.name}", alone
        self.mock, self.gateway, self.wire = Mock(), None, None
        os.makedirs(self.top)
        if Gateway.supported(telltale) and nginx_program():
            upstreams = {client.provider: f"http://127.0.0.1:{self.mock.port}"}
            self.gateway = Gateway(telltale, f"{self.top}/gateway", client.policy(), upstreams, "--workers", "1")
            self.wire = Wiretap(self.gateway.port)

    def stop(self):
        for server in (self.wire, self.gateway, self.mock):
            if server:
                server.stop()

    def run(self, model, port, context=""):
        """Runs the client to its end; returns (exit code, what it wrote)."""
        home = tempfile.mkdtemp(dir=self.top)
        work = f"{home}/work"
        os.makedirs(work)
        os.makedirs(f"{home}/{self.client.settings_folder}")
        with open(f"{home}/{self.client.settings_folder}/settings.json", "w", encoding="utf-8") as file:
            json.dump(self.client.settings, file)
        if context:
            with open(f"{work}/{self.client.context_file}", "w", encoding="utf-8") as file:
                file.write(context)
        env = {"HOME": home, "TMPDIR": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb", "NO_COLOR": "1", "CI": "1"}
        env |= self.client.environment(f"http://127.0.0.1:{port}", model)
        env |= {} if self.alone else without_proxy()
        script = f"{self.cache}/node_modules/{self.client.package[0]}/{self.client.script}"
        command = ["node", script, *self.client.arguments, "-p", "Say one sentence."]
        done = subprocess.run(command, cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
        return done.returncode, done.stdout + done.stderr

    def through(self, model, context=""):
        self.mock.begin()
        self.wire.begin()
        return self.run(model, self.wire.port, context)


cases = []


def case(name, direct=False):
    def add(function):
        cases.append((name, direct, function))
        return function

    return add


@case("a turn without the gateway", direct=True)
def directly(stage):
    stage.mock.begin()
    code, said = stage.run(stage.client.allowed, stage.mock.port)
    expect(code == 0 and SAID in said, f"exit {code}:", said)
    models = {stage.client.asked_model(asked) for asked in stage.mock.turns()}
    expect(models == {stage.client.allowed}, "asked for", models)


@case("a refusal in the provider's shape is shown", direct=True)
def refused(stage):
    """What the gateway's refusals rely on."""
    message = "Rule no-model since 2026-01-01."
    openai = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": "policy_violation"}}
    gemini = {"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED"}}
    stage.mock.begin((403, [("x-should-retry", "false")], gemini if isinstance(stage.client, Gemini) else openai))
    code, said = stage.run(stage.client.allowed, stage.mock.port)
    expect(code != 0 and message in said, f"exit {code}:", said)
    expect(len(stage.mock.turns()) == 1, "asked", len(stage.mock.turns()), "times")


@case("allowed: the turn as without it, and every byte of the body")
def allowed(stage):
    code, said = stage.through(stage.client.allowed)
    expect(code == 0 and SAID in said, f"exit {code}:", said)
    sent, got = stage.wire.bodies(), [asked.body for asked in stage.mock.turns()]
    expect(got and sent == got, f"{len(sent)} sent, {len(got)} arrived, or not the same bytes")


@case("blocked: the client shows the rule, and nothing arrives")
def blocked(stage):
    code, said = stage.through(stage.client.blocked)
    expect(code != 0, "exit 0")
    expect("no-" + stage.client.blocked.replace(".", "-") in said, "shown:", said)
    expect(not stage.mock.turns(), "arrived:", len(stage.mock.turns()))
    expect(len(stage.wire.bodies()) == 1, "tried", len(stage.wire.bodies()), "times")


@case("normalised: the date line is plain, and nothing else changed")
def normalised(stage):
    code, said = stage.through(stage.client.allowed, f"{MARKED} Prefer short answers.\n")
    expect(code == 0 and SAID in said, f"exit {code}:", said)
    sent, got = stage.wire.bodies(), [asked.body for asked in stage.mock.turns()]
    expect(len(sent) == len(got) == 1, f"{len(sent)} sent, {len(got)} arrived")
    expect(MARKED.encode() in sent[0], "the client did not send the mark")
    expect(got[0] == sent[0].replace(MARKED.encode(), PLAIN.encode()), "more or less than the date line changed")


@case("re-routed: a model of the approved family is asked instead")
def rerouted(stage):
    code, said = stage.through(stage.client.rerouted)
    expect(code == 0 and SAID in said, f"exit {code}:", said)
    models = {stage.client.asked_model(asked) for asked in stage.mock.turns()}
    good = len(models) == 1 and models != {stage.client.rerouted} and all(model.startswith(stage.client.family) for model in models)
    expect(good, "asked for", models)


def run_client(client, telltale, cache, top, alone, tap):
    """All cases of one client, in turn."""
    stage = None

    def prepare():
        nonlocal stage
        stage = Stage(client, telltale, cache, top, alone)

    tap.run(f"{client.name}: mock and gateway", prepare)
    for name, direct, function in cases:
        if stage and (direct or stage.gateway):
            tap.run(f"{client.name}: {name}", function, stage)
        elif stage:
            tap.skip(f"{client.name}: {name}", "this build has no gateway, or nginx is not there")
    if stage:
        stage.stop()


def main():
    telltale, cache = map(os.path.abspath, sys.argv[1:3])
    if not os.environ.get(MARK):
        why = install(cache)
        if why:
            skip_all(why)
    alone = isolate()
    tap = Tap()
    tap.note("no network but loopback" if alone else "no network of its own; other addresses go to a dead proxy")
    with tempfile.TemporaryDirectory(prefix="telltale-clients-") as top:
        os.chmod(top, 0o755)
        threads = [threading.Thread(target=run_client, args=(client, telltale, cache, top, alone, tap)) for client in CLIENTS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    tap.end()


if __name__ == "__main__":
    main()
