"""Google's client for gRPC against the gateway: it knows nothing of our interface but what the
service tells of itself."""

import datetime
import unittest

import grpc
import stack
from google.protobuf import descriptor_pool, message_factory
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status

SERVICE = "pacer_fetch.v1.Fetch"
WEBHOOKS = "pacer_fetch.v1.Webhooks"
LOGIN = {"pacer_username": "demo", "pacer_password": "not-a-real-password"}
DOCKET = {"request_type": 1, "court": "okwd", "docket_number": "5:16-cv-00432"}
WITHIN = 120


class Grpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = cls.enterClassContext(stack.running())
        trusted = grpc.ssl_channel_credentials(root_certificates=cls.stack.authority)
        cls.channel = cls.enterClassContext(
            grpc.secure_channel(cls.stack.grpc, trusted, compression=grpc.Compression.Gzip)
        )
        cls.told = ProtoReflectionDescriptorDatabase(cls.channel)
        cls.pool = descriptor_pool.DescriptorPool(cls.told)
        services = [cls.pool.FindServiceByName(name) for name in (SERVICE, WEBHOOKS)]
        cls.methods = {method.name: method for service in services for method in service.methods}

    def call(self, name, token=None, **fields):
        """Calls a method as it describes itself."""
        method = self.methods[name]
        sent, answered = map(
            message_factory.GetMessageClass, (method.input_type, method.output_type)
        )
        kind = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        call = kind(
            f"/{method.containing_service.full_name}/{name}",
            request_serializer=sent.SerializeToString,
            response_deserializer=answered.FromString,
        )
        metadata = [("authorization", f"Token {token or self.stack.token}")]
        return call(sent(**fields), metadata=metadata, timeout=WITHIN)

    def refused(self, name, **fields):
        """How a call is refused, and the details by their names."""
        with self.assertRaises(grpc.RpcError) as caught:
            self.call(name, **fields)
        status = rpc_status.from_call(caught.exception)
        details = {}
        for packed in status.details if status else []:
            detail = getattr(error_details_pb2, packed.TypeName().rpartition(".")[2])()
            self.assertTrue(packed.Unpack(detail))
            details[packed.TypeName()] = detail
        return caught.exception, details

    def test_reflection(self):
        """the service describes itself by reflection v1alpha"""
        self.assertLessEqual({SERVICE, WEBHOOKS}, set(self.told.get_services()))
        self.assertIn("grpc.health.v1.Health", self.told.get_services())
        self.assertLessEqual({"Submit", "Watch", "Cancel", "List"}, set(self.methods))

    def test_bought(self):
        """a docket is submitted, watched to the end and read, and the same key buys it once"""
        asked = DOCKET | LOGIN | {"idempotency_key": "a-key"}
        submitted = self.call("Submit", **asked)
        seen = [change.status for change in self.call("Watch", id=submitted.id)]
        self.assertEqual(seen[-1], 2)
        again = self.call("Submit", **asked)
        self.assertEqual((again.id, again.status), (submitted.id, 2))
        read = self.call("Get", id=submitted.id, steps=True)
        self.assertGreater(read.docket, 0)
        self.assertGreater(read.cost_cents, 0)
        self.assertGreater(len(read.steps), 2)
        listed = [request.id for request in self.call("List", status=[2]).requests]
        self.assertIn(submitted.id, listed)

    def test_cancelled(self):
        """a request that has not begun is cancelled, and its watcher sees the end"""
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        submitted = self.call("Submit", **DOCKET, **LOGIN, not_before=later)
        changes = self.call("Watch", id=submitted.id)
        self.assertEqual(next(changes).status, 1)
        cancelled = self.call("Cancel", id=submitted.id)
        self.assertEqual(cancelled.status, 3)
        self.assertEqual([change.status for change in changes][-1], 3)

    def test_webhooks(self):
        """an endpoint is registered with its secret, found in the list and removed"""
        made = self.call("CreateWebhook", url="https://hooks.example.com/3f1c9a52e7")
        self.assertTrue(made.secret.startswith("whsec_"))
        listed = self.call("ListWebhooks").webhooks
        self.assertEqual([(hook.id, hook.secret) for hook in listed], [(made.id, "")])
        test = self.call("TestWebhook", id=made.id)
        self.assertTrue(test.debug)
        events = self.call("ListWebhookEvents", webhook=made.id).webhook_events
        self.assertEqual([event.id for event in events], [test.id])
        refusal, details = self.refused("UpdateWebhook", id=made.id, url="ftp://hooks.example.com/")
        self.assertEqual(refusal.code(), grpc.StatusCode.INVALID_ARGUMENT)
        violations = details["google.rpc.BadRequest"].field_violations
        self.assertEqual([violation.field for violation in violations], ["url"])
        self.call("DeleteWebhook", id=made.id)
        refusal, _ = self.refused("GetWebhook", id=made.id)
        self.assertEqual(refusal.code(), grpc.StatusCode.NOT_FOUND)

    def test_details(self):
        """fields that are wrong are in the details, by their place in the message"""
        refusal, details = self.refused(
            "Submit", **DOCKET | LOGIN | {"court": "nowhere"}, options={"de_date_start": "soon"}
        )
        self.assertEqual(refusal.code(), grpc.StatusCode.INVALID_ARGUMENT)
        violations = details["google.rpc.BadRequest"].field_violations
        self.assertEqual(
            [violation.field for violation in violations], ["court", "options.de_date_start"]
        )

    def test_quota(self):
        """a limit on spending is in the details"""
        refusal, details = self.refused("Submit", **DOCKET, **LOGIN, max_cost_cents=1)
        self.assertEqual(refusal.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        violations = details["google.rpc.QuotaFailure"].violations
        self.assertEqual([violation.subject for violation in violations], ["max_cost_cents"])

    def test_login(self):
        """why nobody was logged in is in the details"""
        wrong = {"pacer_username": "demo-filer", "pacer_password": "wrong"}
        refusal, details = self.refused("Submit", **DOCKET, **wrong)
        self.assertEqual(refusal.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(details["google.rpc.ErrorInfo"].reason, "CREDENTIALS")

    def test_too_large(self):
        """a message that is too large exhausts a resource"""
        refusal, _ = self.refused("Submit", **DOCKET | LOGIN | {"docket_number": "9" * 300_000})
        self.assertEqual(refusal.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        # The service says so, not the client.
        self.assertIn("262144", refusal.details())
