"""A network that can be cut: passes TCP connections on to a port of this machine, from a thread of its own."""

import asyncio
import threading
from contextlib import suppress
from typing import Literal, Self


class Proxy:
    """`with Proxy(port) as proxy`: what connects to `proxy.port` is connected to `port`, as long as the network is open.

    Where it is "cut", connections end and no new one is made; where it is "frozen", they stay and nothing gets through.
    """

    def __init__(self, port: int):
        self._to = port
        self._network: Literal["open", "cut", "frozen"] = "open"
        self._ends: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.start_server(self._connected, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        self.port: int = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.set("cut")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def set(self, network: Literal["open", "cut", "frozen"]) -> None:
        """Open, cut or freeze the network."""
        self._network = network
        if network == "cut":
            self._loop.call_soon_threadsafe(self._end_all)

    def _end_all(self) -> None:
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._network == "cut":
            writer.transport.abort()
            return
        beyond, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._ends |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(beyond, writer))
        self._ends -= {writer, back}

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(2**16):
                while self._network == "frozen":
                    await asyncio.sleep(0.05)
                sink.write(data)
                await sink.drain()
        sink.close()
