#!/usr/bin/env python3
"""A program that uses the gateway's gRPC service: lists the models, asks one of them, prints the answer as it comes.

    ask.py unix:/run/patchbay/frontend.sock MODEL "Why is the sky blue?"
    ask.py gw.example:7443 MODEL "..." ci.ca.crt ci.crt ci.key

The client key is in $PATCHBAY_KEY. Needs grpcio and protobuf (Debian: python3-grpcio python3-protobuf) and the contract
in Python, made once into a folder on PYTHONPATH (docs/grpc.md):

    protoc -I proto --python_out=OUT --grpc_python_out=OUT --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin \\
        proto/patchbay/gateway/v1/gateway.proto proto/patchbay/inference/v1/*.proto
"""
import os
import sys

import grpc

from patchbay.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from patchbay.inference.v1 import request_pb2

PATIENCE_S = 300
# The gateway is known by this name, whatever its address is.
GATEWAY_NAME = "gateway.patchbay.internal"


def content(path):
    with open(path, "rb") as file:
        return file.read()


def connect(address, files):
    if not files:
        return grpc.insecure_channel(address)
    ca, certificate, key = (content(path) for path in files)
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    return grpc.secure_channel(address, credentials, [("grpc.ssl_target_name_override", GATEWAY_NAME)])


def main(address, model, question, *files):
    key = os.environ.get("PATCHBAY_KEY")
    metadata = [("authorization", f"Bearer {key}")] if key else []
    with connect(address, files) as channel:
        gateway = gateway_pb2_grpc.GatewayStub(channel)
        models = gateway.ListModels(gateway_pb2.ListModelsRequest(), metadata=metadata, timeout=PATIENCE_S)
        for each in models.models:
            print(each.id, file=sys.stderr)

        call = gateway_pb2.GenerateCall()
        call.request.model = model
        message = call.request.items.add().message
        message.role = request_pb2.ROLE_USER
        message.parts.add().text = question
        # stream.cancel() ends the provider's stream too.
        stream = gateway.Generate(call, metadata=metadata, timeout=PATIENCE_S)
        for reply in stream:
            for event in reply.events:
                if event.HasField("text_delta"):
                    print(event.text_delta.text, end="", flush=True)
                if event.HasField("failed"):  # it broke after it began
                    raise SystemExit(event.failed.failure.message)
        print()


if __name__ == "__main__":
    if len(sys.argv) not in (4, 7):
        raise SystemExit("usage: ask.py ADDRESS MODEL QUESTION [CA CERTIFICATE KEY]")
    try:
        main(*sys.argv[1:])
    except grpc.RpcError as error:
        raise SystemExit(f"{error.code().name}: {error.details()}") from None
