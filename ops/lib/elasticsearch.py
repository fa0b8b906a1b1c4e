"""A stub of Elasticsearch: takes what is sent, says that all is well, and keeps the requests.

`elasticsearch.py ADDRESS PORT` prints the documents that arrive.
"""

import http.server
import json
import sys
import threading


class Elasticsearch:
    """Takes what is sent, and says that all is well."""

    def __init__(self, port, address="127.0.0.1", on_document=None):
        self.requests = []
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                stub.requests.append((self.command, self.path, body))
                documents = [json.loads(line) for line in body.splitlines()[1::2]] if self.path.startswith("/_bulk") else []
                for document in documents if on_document else ():
                    on_document(json.dumps(document))
                items = [{"create": {"status": 201}} for _ in documents]
                reply = json.dumps({"errors": False, "items": items, "acknowledged": True}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_HEAD = do_PUT = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def bulk(*stubs):
    """What arrived by _bulk: the actions and the documents."""
    bodies = [body.splitlines() for stub in stubs for _, path, body in stub.requests if path.startswith("/_bulk")]
    pairs = [(json.loads(action), line) for body in bodies for action, line in zip(body[::2], body[1::2])]
    return pairs


if __name__ == "__main__":
    Elasticsearch(int(sys.argv[2]), sys.argv[1], lambda document: print(document, flush=True))
    threading.Event().wait()
