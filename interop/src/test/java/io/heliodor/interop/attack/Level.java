package io.heliodor.interop.attack;

import io.heliodor.interop.ServerProcess;
import java.io.IOException;

/**
 * The memory of a server after a collection of its garbage.
 *
 * @param heap bytes of live objects
 * @param counted bytes of heap that the server counts for its clients
 * @param buffers bytes outside of the heap that buffers use
 * @param direct bytes outside of the heap that the allocator holds: whole chunks, also those that are used in part
 * @param resident bytes of the process in the memory of the machine
 */
record Level(long heap, long counted, long buffers, long direct, long resident) {
    static Level of(ServerProcess server) throws IOException, InterruptedException {
        server.collectGarbage();
        ServerNumbers numbers = ServerNumbers.read(server.port());
        return new Level(
                numbers.heapBytes(),
                numbers.countedBytes(),
                numbers.bufferBytes(),
                numbers.directBytes(),
                server.residentKilobytes() << 10);
    }

    @Override
    public String toString() {
        return "live heap " + (heap >> 20) + " MiB, counted " + (counted >> 20) + " MiB, buffers " + (buffers >> 10)
                + " KiB, direct " + (direct >> 20) + " MiB, resident " + (resident >> 20) + " MiB";
    }
}
