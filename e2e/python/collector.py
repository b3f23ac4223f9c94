"""A collector of telemetry on this machine: writes what it takes to a file, one object of JSON a line.

With TOKEN in its environment it refuses who does not have it, and repeats what they said.

collector.py PORT FILE [CHAIN KEY]

With a chain and a key it speaks TLS. It prints the port on which it listens.
"""

import json
import os
import sys
import threading
from concurrent import futures

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

port, file = int(sys.argv[1]), sys.argv[2]
out, lock = open(file, "a", buffering=1), threading.Lock()


def value(any_value):
    kind = any_value.WhichOneof("value")
    return getattr(any_value, kind) if kind else None


def values(attributes):
    names = [attribute.key for attribute in attributes]
    assert len(names) == len(set(names)), names
    return {attribute.key: value(attribute.value) for attribute in attributes}


def write(context, kind, resource, items):
    asked = {key: text for key, text in context.invocation_metadata() if isinstance(text, str)}
    token = os.environ.get("TOKEN")
    if token and asked.get("authorization") != f"Bearer {token}":
        context.abort(grpc.StatusCode.UNAUTHENTICATED, f"not the token: {asked.get('authorization')}")
    with lock:
        for item in items:
            out.write(json.dumps({"kind": kind, "resource": values(resource.attributes), "asked": asked, **item}) + "\n")


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        for batch in request.resource_spans:
            for scope in batch.scope_spans:
                write(context, "span", batch.resource, [{
                    "trace": span.trace_id.hex(), "span": span.span_id.hex(), "parent": span.parent_span_id.hex(),
                    "name": span.name, "span_kind": span.kind, "status": span.status.code, "flags": span.flags,
                    "nanos": span.end_time_unix_nano - span.start_time_unix_nano,
                    "attributes": values(span.attributes),
                } for span in scope.spans])
        return trace_service_pb2.ExportTraceServiceResponse()


class Logs(logs_service_pb2_grpc.LogsServiceServicer):
    def Export(self, request, context):
        for batch in request.resource_logs:
            for scope in batch.scope_logs:
                write(context, "log", batch.resource, [{
                    "trace": record.trace_id.hex(), "span": record.span_id.hex(), "severity": record.severity_number,
                    "level": record.severity_text, "message": value(record.body), "attributes": values(record.attributes),
                } for record in scope.log_records])
        return logs_service_pb2.ExportLogsServiceResponse()


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), server)
logs_service_pb2_grpc.add_LogsServiceServicer_to_server(Logs(), server)
address = f"127.0.0.1:{port}"
if len(sys.argv) > 3:
    chain, key = (open(name, "rb").read() for name in sys.argv[3:5])
    bound = server.add_secure_port(address, grpc.ssl_server_credentials([(key, chain)]))
else:
    bound = server.add_insecure_port(address)
server.start()
print(bound, flush=True)
server.wait_for_termination()
