"""Serves the test provider to Terraform, which starts it and ends it.

It stands in for the AWS provider where that can't be downloaded: it has the real one's schema and
really applies, through boto3, to the endpoint that AWS_ENDPOINT_URL names. TF_DISABLE_PLUGIN_TLS=1
must be set, for Terraform and so for this too; ../terraform.py does all that.
"""

import os
import sys
import threading
from concurrent import futures

import grpc

import schema
import wire
from provider import FailedApply, Provider

# Terraform works at ten resources at once.
WORKERS = 16
GRACE_SECONDS = 0.05


class Server:
    """The protocol's calls, one method each."""

    def __init__(self) -> None:
        self.provider = Provider()

    def GetSchema(self, request, answer):
        answer.CopyFrom(schema.on_the_wire())

    def PrepareProviderConfig(self, request, answer):
        answer.prepared_config.CopyFrom(request.config)

    def Configure(self, request, answer):
        self.provider.configure(wire.decode(request.config))

    def ValidateResourceTypeConfig(self, request, answer):
        for each in self.provider.validate(request.type_name, wire.decode(request.config)):
            answer.diagnostics.append(wire.failure("Invalid value", f"{request.type_name}: {each}"))

    def ValidateDataSourceConfig(self, request, answer):
        for each in self.provider.validate_data(request.type_name, wire.decode(request.config)):
            answer.diagnostics.append(wire.failure("Invalid value", f"{request.type_name}: {each}"))

    def UpgradeResourceState(self, request, answer):
        answer.upgraded_state.json = request.raw_state.json

    def ReadResource(self, request, answer):
        answer.new_state.CopyFrom(request.current_state)
        state = self.provider.read(request.type_name, wire.decode(request.current_state))
        answer.new_state.CopyFrom(wire.encode(state))

    def PlanResourceChange(self, request, answer):
        answer.legacy_type_system = True
        values = wire.decode(request.proposed_new_state)
        if values is None:
            answer.planned_state.CopyFrom(wire.encode(None))
            return
        prior = wire.decode(request.prior_state)
        planned, replacing = self.provider.plan(request.type_name, prior, values)
        answer.planned_state.CopyFrom(wire.encode(planned))
        for name in replacing:
            answer.requires_replace.add().steps.add(attribute_name=name)

    def ApplyResourceChange(self, request, answer):
        answer.legacy_type_system = True
        prior, planned = wire.decode(request.prior_state), wire.decode(request.planned_state)
        try:
            state = self.provider.apply(request.type_name, prior, planned)
        except FailedApply as failed:
            answer.new_state.CopyFrom(wire.encode(failed.state))
            raise
        answer.new_state.CopyFrom(wire.encode(state))

    def ReadDataSource(self, request, answer):
        state = self.provider.read_data(request.type_name, wire.decode(request.config))
        answer.state.CopyFrom(wire.encode(state))

    def Stop(self, request, answer):
        pass

    def Check(self, request, answer):
        answer.status = 1

    def Shutdown(self, request, answer):
        threading.Timer(GRACE_SECONDS, os._exit, (0,)).start()


def handler(server: Server, method: str, asked: str, answered: str):
    """One call: whatever goes wrong in it is what Terraform shows as the error."""
    def call(request, context):
        answer = wire.MESSAGE[answered]()
        try:
            getattr(server, method)(request, answer)
        except Exception as error:
            what = getattr(request, "type_name", "provider aws")
            answer.diagnostics.append(wire.failure(f"{what}: {method} failed", str(error)))
        return answer

    return grpc.unary_unary_rpc_method_handler(
        call,
        request_deserializer=wire.MESSAGE[asked].FromString,
        response_serializer=lambda answer: answer.SerializeToString(),
    )


def main() -> None:
    if "TF_PLUGIN_MAGIC_COOKIE" not in os.environ:
        sys.exit(__doc__)
    unlimited = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    listener = grpc.server(futures.ThreadPoolExecutor(WORKERS), options=unlimited)
    server = Server()
    for service, methods in wire.METHODS.items():
        handlers = {name: handler(server, name, *messages) for name, messages in methods.items()}
        listener.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, handlers),)
        )
    port = listener.add_insecure_port("127.0.0.1:0")
    listener.start()
    # The handshake of go-plugin: its version, the protocol's, where, and how.
    print(f"1|5|tcp|127.0.0.1:{port}|grpc|", flush=True)
    listener.wait_for_termination()


if __name__ == "__main__":
    main()
