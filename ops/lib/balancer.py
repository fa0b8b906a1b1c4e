"""What a cluster does for a Service: a connection goes to one of the pods that are ready, and is not tried again."""

import asyncio
import random
import threading

# In a cluster the client itself connects to the pod, so the wait for a pod that has vanished ends with the client's time limit. That of
# airq is half a second.
CONNECT_LIMIT = 0.5


class Services:
    """Services by name, each with its endpoints."""

    def __init__(self):
        self.endpoints = {}
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def listen(self, name, address, port):
        """A further address of a Service."""
        self.endpoints.setdefault(name, set())
        serve = asyncio.start_server(lambda *ends: self.connect(name, *ends), address, port)
        asyncio.run_coroutine_threadsafe(serve, self.loop).result(10)

    async def connect(self, name, reader, writer):
        ready = list(self.endpoints[name])
        try:
            host, port = random.choice(ready)
            theirs = await asyncio.wait_for(asyncio.open_connection(host, port), CONNECT_LIMIT)
        except (IndexError, OSError, asyncio.TimeoutError):
            writer.transport.abort()
            return
        await asyncio.gather(copy(reader, theirs[1]), copy(theirs[0], writer))


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    finally:
        writer.close()
