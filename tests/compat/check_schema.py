"""The OpenAPI document of a running gateway: a validator, calls that schemathesis makes up from it, and a client that
is generated from it."""

import importlib
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import openapi_spec_validator
import stack
import yaml

#: How long calls are made up. `make test-schema MINUTES=10` asks for more.
MINUTES = float(os.environ.get("PACER_FETCH_SCHEMA_MINUTES", "1"))
#: They hold for every answer to every call.
CHECKS = ",".join((
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "ignored_auth",
))
#: Streams that end when their reader goes.
ENDLESS = r"^(v3_)?recap_fetch_(row_)?events$"
DOCKET = {"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432"}
#: Kinds of content that openapi-python-client cannot read.
UNREADABLE = {"application/pdf", "application/octet-stream", "application/x-ndjson", "text/csv"}
#: Of the calls that are made up; a run that failed is repeated with its own.
SEED = int(os.environ.get("PACER_FETCH_SCHEMA_SEED", int.from_bytes(os.urandom(4))))
LOGIN = {"pacer_username": "demo", "pacer_password": "not-a-real-password"}


def without_doubles(pairs):
    """An object each of whose keys is there once, which Python's reader does not ask for."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key is there twice: {[name for name, _ in pairs]}")
    return found


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(stack.running())
        cls.trusted = ssl.create_default_context(cafile=cls.stack.ca)
        cls.place = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.document = cls.read("/api/schema/")

    @classmethod
    def read(cls, path):
        with urllib.request.urlopen(cls.stack.http + path, context=cls.trusted, timeout=60) as answer:
            return answer.read()

    def program(self, name):
        return str(pathlib.Path(sys.executable).with_name(name))

    def test_a_valid(self):
        """the document is valid OpenAPI 3.1"""
        document = json.loads(self.document, object_pairs_hook=without_doubles)
        self.assertTrue(document["openapi"].startswith("3.1"))
        openapi_spec_validator.validate(document)

    def test_b_yaml(self):
        """the document is YAML as well"""
        self.assertEqual(yaml.safe_load(self.document), json.loads(self.document))

    def test_c_client(self):
        """a client that openapi-python-client generates buys a docket and reads it"""
        document = self.place / "openapi.json"
        document.write_bytes(self.document)
        settings = self.place / "settings.json"
        settings.write_text('{"post_hooks": []}')
        command = [
            self.program("openapi-python-client"), "generate", "--path", document, "--config", settings,
            "--meta", "none", "--output-path", self.place / "generated",
        ]
        made = subprocess.run(command, capture_output=True, text=True, timeout=300)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        unknown = set(re.findall(r"^WARNING parsing (.*?) within", made.stdout + made.stderr, re.MULTILINE))
        self.assertLessEqual(unknown, self.unreadable())
        sys.path.insert(0, str(self.place))
        self.addCleanup(sys.path.remove, str(self.place))
        self.buy(lambda name: importlib.import_module(f"generated.{name}"))

    def unreadable(self):
        """The calls that take what the generator has no types for (CSV, JSON by the line), or answer only with such (a PDF)."""
        found = set()
        for path, methods in json.loads(self.document)["paths"].items():
            for method, operation in methods.items():
                answer = operation.get("responses", {}).get("200", {}) if isinstance(operation, dict) else {}
                kinds = set(answer.get("content", {}))
                taken = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
                if kinds and kinds <= UNREADABLE or UNREADABLE & set(taken):
                    found.add(f"{method.upper()} {path}")
        return found

    def buy(self, generated):
        client = generated("client").AuthenticatedClient(
            self.stack.http, self.stack.token, prefix="Token", verify_ssl=self.trusted, timeout=120,
            raise_on_unexpected_status=True,
        )
        models = generated("models")
        create = generated("api.requests.recap_fetch_create")
        request = create.sync(client=client, body=models.NewFetchRequest.from_dict(DOCKET | LOGIN), wait=60)
        self.assertIsInstance(request, models.FetchRequest)
        read = generated("api.requests.recap_fetch_read")
        while request.status in (1, 4, 5):
            request = read.sync(request.id, client=client, wait=60)
        self.assertEqual(request.status, 2, request.message)
        entries = generated("api.what_was_bought.docket_entries_list").sync(client=client, docket=request.docket)
        self.assertIsInstance(entries, models.DocketEntryPage)
        self.assertTrue(entries.results)
        self.assertTrue(any(entry.recap_documents for entry in entries.results))
        docket = generated("api.what_was_bought.dockets_read").sync(request.docket, client=client)
        self.assertEqual(docket.docket_number, "5:16-cv-00432")

    def test_d_calls(self):
        """calls that schemathesis makes up, right ones and wrong ones: no server error, and nothing undescribed"""
        # Lists that have rows say more than empty ones.
        self.submit()
        command = [
            self.program("st"), "run", self.stack.http + "/api/schema/", "--tls-verify", self.stack.ca,
            "--header", f"Authorization: Token {self.stack.token}", "--checks", CHECKS,
            "--exclude-operation-id-regex", ENDLESS, "--mode", "all", "--max-time", str(round(MINUTES * 60)),
            "--continue-on-failure", "--request-timeout", "90", "--warnings", "off", "--no-color",
            "--seed", str(SEED),
        ]
        within = MINUTES * 60 + 600
        ended = subprocess.run(command, capture_output=True, text=True, timeout=within, cwd=self.place)
        self.assertEqual(ended.returncode, 0, f"seed {SEED}\n" + ended.stdout[-20000:] + ended.stderr[-2000:])
        print("       ", ended.stdout.strip().splitlines()[-1].strip("= "), f"(seed {SEED})")

    def submit(self):
        """Buys a docket, so that something is there."""
        call = urllib.request.Request(
            self.stack.http + "/api/rest/v4/recap-fetch/?wait=60", json.dumps(DOCKET | LOGIN).encode(),
            {"Authorization": f"Token {self.stack.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(call, context=self.trusted, timeout=180) as answer:
            return json.load(answer)
